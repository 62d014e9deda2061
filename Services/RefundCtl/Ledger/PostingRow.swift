import RefundMessages

/// A posting of the ledger.
struct PostingRow: JSONReadable {
    var legID: String
    var at: Instant
    var transition: String
    var attempt: Int64
    var debit: String
    var credit: String
    var amount: Int64
    var currency: String

    init(json: JSONValue) throws(MessageFault) {
        legID = try json["legId"].text()
        at = try json["at"].instant()
        transition = try json["transition"].text()
        attempt = try json["attempt"].integer()
        debit = try json["debit"].text()
        credit = try json["credit"].text()
        amount = try json["amount"].integer()
        currency = try json["currency"].text()
    }

    var cells: [Table.Cell] {
        [
            Table.Cell(at.toTheSecond), Table.Cell(legID),
            Table.Cell(attempt == 0 ? transition : "\(transition) \(attempt)"), Table.Cell(debit),
            Table.Cell(credit), Table.Cell(moneyText(amount, currency)),
        ]
    }
}
