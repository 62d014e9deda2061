extension OrderPaid {
    /// What no single field shows, in this order: payment ids twice (the later one's `paymentId`),
    /// line ids twice (the later one's `lineId`), a parent that is no certificate line of the order
    /// or already has a managed service (the later one's `parent`), sums beyond the greatest integer
    /// (`/payments` for cash, `/lines` for fees), and the lines' cash that is not the payments'
    /// (`/lines`).
    func checkAcrossFields() throws(MessageFault) {
        try checkUnique(payments.lazy.map(\.paymentID), list: "/payments", name: "paymentId")
        try checkUnique(lines.lazy.map(\.lineID), list: "/lines", name: "lineId")
        try checkParents()
        let paid = try sum(payments.lazy.map(\.cash), at: "/payments", "the payments' cash")
        // Cash is never more than the fee: where the fees' sum is in bounds, so is the cash's.
        _ = try sum(lines.lazy.map(\.fee), at: "/lines", "the lines' fees")
        let asked = lines.reduce(0) { $0 + $1.cash }
        guard paid == asked else {
            throw JSONValue.fault(at: "/lines", "must add up to the payments' cash")
        }
    }

    private func checkParents() throws(MessageFault) {
        var served: Set<String> = []
        for (index, line) in lines.enumerated() {
            guard line.item == .managedService, let parent = line.parent else { continue }
            let path = "/lines/\(index)/parent"
            let isCertificate = lines.contains {
                $0.lineID == parent && $0.product == .certificates && $0.item == .certificate
            }
            guard isCertificate else {
                throw JSONValue.fault(at: path, "must name a certificate line of the order")
            }
            guard served.insert(parent).inserted else {
                throw JSONValue.fault(at: path, "names a line that has a managed service already")
            }
        }
    }

    private func sum(
        _ amounts: some Sequence<Int64>, at path: String, _ what: String
    ) throws(MessageFault) -> Int64 {
        var total: Int64 = 0
        for amount in amounts {
            total += amount
            guard total <= maxInteger else {
                throw JSONValue.fault(at: path, "has too great a sum of \(what)")
            }
        }
        return total
    }
}

/// Refuses an id that stands twice in a list: the later one is the fault.
func checkUnique(
    _ ids: some Sequence<String>, list: String, name: String
) throws(MessageFault) {
    var seen: Set<String> = []
    for (index, id) in ids.enumerated() where !seen.insert(id).inserted {
        throw JSONValue.fault(at: "\(list)/\(index)/\(name)", "is an id that stands twice")
    }
}
