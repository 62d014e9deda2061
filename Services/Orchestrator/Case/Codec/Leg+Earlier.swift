import RefundMessages

/// Legs as the first versions stored them. What such a leg lacks is what its state says.
extension Leg {
    init(earlier json: JSONValue) throws(MessageFault) {
        self.init(
            paymentID: try json["paymentId"].text(), provider: try json["provider"].choice(),
            paymentReference: try json["paymentReference"].text(),
            amount: try json["amount"].integer())
        state = try json["state"].choice()
        refundAttempt = Int(try json["refundAttempt"].ifPresent?.integer() ?? 1)
        isKeySpent = try json.flag("keySpent")
        attempts = Int(try json["attempts"].integer())
        firstAttemptAt = try json["firstAttemptAt"].ifPresent?.instant()
        budgetFrom = try json["budgetFrom"].ifPresent?.instant()
        nextAttemptAt = try json["nextAttemptAt"].ifPresent?.instant()
        doubt = try json["doubt"].ifPresent?.choice()
        isRepeated = try json.flag("repeated")
        isNoticed = try json.flag("noticed")
        refundReference = try json["refundReference"].ifPresent?.text()
        failureReason = try json["failureReason"].ifPresent?.text()
        exceptionReason = try json["exceptionReason"].ifPresent?.choice()
        reversals = Int(try json["reversals"].ifPresent?.integer() ?? 0)
        isClosed = try json.flag("closed")
        books = try json["books"].ifPresent.map(Books.init(earlier:)) ?? booksOfEarlier
        keyUsedAt = try json["keyUsedAt"].ifPresent?.instant() ?? firstAttemptAt
        if try json.flag("keyUnused") { keyUsedAt = nil }
        calling = try json["calling"].ifPresent?.choice()
        history = firstEntry
        guard try json["v"].ifPresent != nil else {
            if state == .submitting { calling = .refund }
            return
        }
        history +=
            try json["history"].ifPresent?.list { (entry) throws(MessageFault) in
                try Entry(earlier: entry)
            } ?? []
        restedAt = try json["restedAt"].ifPresent?.instant()
        if restedAt == nil, isAtRest { restedAt = history.last?.at }
    }

    /// What the ledger has of most legs in that state. The first version did not post a payout beside
    /// a credit.
    private var booksOfEarlier: Books {
        Books(
            owed: state == .planned ? 0 : 1, paid: state == .succeeded ? 1 : 0,
            credited: state == .credited || exceptionReason == .doublePayout ? 1 : 0)
    }
}

extension Leg.Books {
    fileprivate init(earlier json: JSONValue) throws(MessageFault) {
        owed = Int(try json["owed"].integer())
        paid = Int(try json["paid"].integer())
        credited = Int(try json["credited"].integer())
    }
}

extension Leg.Entry {
    fileprivate init(earlier json: JSONValue) throws(MessageFault) {
        at = try json["at"].instant()
        trigger = try json["trigger"].text()
        state = try json["state"].choice()
        by = try json["by"].ifPresent?.text()
    }
}
