import RefundMessages

/// An open exception in a list.
struct ExceptionRow: JSONReadable {
    var legID: String
    var orderID: String
    var provider: String
    var reason: String
    var amount: Int64
    var currency: String
    var since: Instant
    var proposal: ProposalRow?

    init(json: JSONValue) throws(MessageFault) {
        legID = try json["legId"].text()
        orderID = try json["orderId"].text()
        provider = try json["provider"].text()
        reason = try json["reason"].text(0...64)
        amount = try json["amount"].integer()
        currency = try json["currency"].text()
        since = try json["since"].instant()
        if let proposal = try json["proposal"].ifPresent {
            self.proposal = try ProposalRow(json: proposal)
        }
    }

    var cells: [Table.Cell] {
        [
            Table.Cell(legID), Table.Cell(reason, .bad),
            Table.Cell(moneyText(amount, currency)), Table.Cell(orderID), Table.Cell(provider),
            Table.Cell(since.toTheSecond),
            Table.Cell(proposal.map { "\($0.action) by \($0.operatorName)" } ?? "", .attention),
        ]
    }
}

/// What one operator proposed.
struct ProposalRow: JSONReadable {
    var action: String
    var operatorName: String
    var note: String
    var at: Instant

    init(json: JSONValue) throws(MessageFault) {
        action = try json["action"].text()
        operatorName = try json["operator"].text()
        note = try json["note"].text(0...500)
        at = try json["at"].instant()
    }
}

/// What an operator did.
struct AuditEntry: JSONReadable {
    var legID: String
    var at: Instant
    var action: String
    var stage: String
    var operatorName: String
    var isProven: Bool
    var note: String
    var reason: String
    var amount: Int64
    var currency: String

    init(json: JSONValue) throws(MessageFault) {
        legID = try json["legId"].text()
        at = try json["at"].instant()
        action = try json["action"].text()
        stage = try json["stage"].text()
        operatorName = try json["operator"].text()
        isProven = try json["nameProven"].bool()
        note = try json["note"].text(0...500)
        reason = try json["reason"].text(0...64)
        amount = try json["amount"].integer()
        currency = try json["currency"].text(0...3)
    }

    /// The name, and whether anything proves it.
    var who: String { isProven ? operatorName : "\(operatorName) (name not proven)" }

    var cells: [Table.Cell] {
        [
            Table.Cell(at.toTheSecond), Table.Cell(legID), Table.Cell(action),
            Table.Cell(stage.spaced), Table.Cell(who), Table.Cell(moneyText(amount, currency)),
            Table.Cell(reason), Table.Cell(note),
        ]
    }
}

extension Instant {
    /// RFC 3339 without fractions, for people.
    var toTheSecond: String { Instant(seconds: seconds).rfc3339 }
}

extension String {
    /// A code as words.
    var spaced: String { String(map { $0 == "_" ? " " : $0 }) }
}
