import RefundMessages

extension Leg.State: JSONWritable {}
extension Leg.ExceptionReason: JSONWritable {}
extension Leg.Call: JSONWritable {}
extension Leg.Doubt: JSONWritable {}

/// The stored form, without what follows from the rest: the rows' size is what settling costs the
/// disk. What a leg of an earlier version lacks is what its state says.
extension Leg: JSONReadable, JSONWritable {
    init(json: JSONValue) throws(MessageFault) {
        self.init(
            paymentID: try json["paymentId"].text(), provider: try json["provider"].choice(),
            paymentReference: try json["paymentReference"].text(),
            amount: try json["amount"].integer())
        state = try json["state"].choice()
        refundAttempt = Int(try json["refundAttempt"].ifPresent?.integer() ?? 1)
        isKeySpent = try json["keySpent"].ifPresent?.bool() ?? false
        attempts = Int(try json["attempts"].integer())
        firstAttemptAt = try json["firstAttemptAt"].ifPresent?.instant()
        budgetFrom = try json["budgetFrom"].ifPresent?.instant()
        nextAttemptAt = try json["nextAttemptAt"].ifPresent?.instant()
        doubt = try json["doubt"].ifPresent?.choice()
        isRepeated = try json["repeated"].ifPresent?.bool() ?? false
        isNoticed = try json["noticed"].ifPresent?.bool() ?? false
        refundReference = try json["refundReference"].ifPresent?.text()
        failureReason = try json["failureReason"].ifPresent?.text()
        exceptionReason = try json["exceptionReason"].ifPresent?.choice()
        reversals = Int(try json["reversals"].ifPresent?.integer() ?? 0)
        isClosed = try json["closed"].ifPresent?.bool() ?? false
        books = try json["books"].ifPresent.map(Books.init(json:)) ?? usualBooks
        keyUsedAt = try json["keyUsedAt"].ifPresent?.instant() ?? firstAttemptAt
        if try json["keyUnused"].ifPresent?.bool() == true { keyUsedAt = nil }
        calling = try json["calling"].ifPresent?.choice()
        history = firstEntry
        guard try json["v"].ifPresent != nil else {
            if state == .submitting { calling = .refund }
            return
        }
        history += try json["history"].ifPresent?.list() ?? []
        restedAt = try json["restedAt"].ifPresent?.instant() ?? usualRest
    }

    /// What the ledger has of most legs in that state. The earlier version did not post a payout
    /// beside a credit.
    private var usualBooks: Books {
        Books(
            owed: state == .planned ? 0 : 1, paid: state == .succeeded ? 1 : 0,
            credited: state == .credited || exceptionReason == .doublePayout ? 1 : 0)
    }

    private var usualRest: Instant? { isAtRest ? history.last?.at : nil }

    /// How every leg begins that was handed over.
    private var firstEntry: [Entry] {
        guard let firstAttemptAt else { return [] }
        return [Entry(at: firstAttemptAt, trigger: Trigger.due.rawValue, state: .submitting)]
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("v", 2)
            json.field("paymentId", paymentID)
            json.field("provider", provider)
            json.field("paymentReference", paymentReference)
            json.field("amount", amount)
            json.field("state", state)
            if refundAttempt != 1 { json.field("refundAttempt", refundAttempt) }
            if isKeySpent { json.field("keySpent", true) }
            json.field("attempts", attempts)
            json.fieldIfPresent("firstAttemptAt", firstAttemptAt)
            if keyUsedAt != firstAttemptAt {
                json.fieldIfPresent("keyUsedAt", keyUsedAt)
                if keyUsedAt == nil { json.field("keyUnused", true) }
            }
            json.fieldIfPresent("budgetFrom", budgetFrom)
            json.fieldIfPresent("nextAttemptAt", nextAttemptAt)
            json.fieldIfPresent("calling", calling)
            json.fieldIfPresent("doubt", doubt)
            if isRepeated { json.field("repeated", true) }
            if isNoticed { json.field("noticed", true) }
            json.fieldIfPresent("refundReference", refundReference)
            json.fieldIfPresent("failureReason", failureReason)
            json.fieldIfPresent("exceptionReason", exceptionReason)
            if reversals != 0 { json.field("reversals", reversals) }
            if isClosed { json.field("closed", true) }
            if restedAt != usualRest { json.fieldIfPresent("restedAt", restedAt) }
            if books != usualBooks { json.field("books", books) }
            let later = Array(history.dropFirst(firstEntry.count))
            if !later.isEmpty { json.field("history", later) }
        }
    }
}

extension Leg.Books: JSONReadable, JSONWritable {
    init(json: JSONValue) throws(MessageFault) {
        owed = Int(try json["owed"].integer())
        paid = Int(try json["paid"].integer())
        credited = Int(try json["credited"].integer())
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("owed", owed)
            json.field("paid", paid)
            json.field("credited", credited)
        }
    }
}

extension Leg.Entry: JSONReadable, JSONWritable {
    init(json: JSONValue) throws(MessageFault) {
        at = try json["at"].instant()
        trigger = try json["trigger"].text()
        state = try json["state"].choice()
        by = try json["by"].ifPresent?.text()
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("at", at)
            json.field("trigger", trigger)
            json.field("state", state)
            json.fieldIfPresent("by", by)
        }
    }
}
