import RefundMessages

/// A dead letter in a list.
struct DeadLetterRow: JSONReadable {
    /// What an operator can still read at a glance; longer texts are cut.
    private static let widest = 40

    var id: String
    var state: String
    var reason: String
    var path: String?
    var queue: String?
    var exchange: String
    var requestID: String?
    var orderID: String?
    var receivedAt: Instant
    var failedAgainAs: String?

    init(json: JSONValue) throws(MessageFault) {
        id = try json["id"].text()
        state = try json["state"].text()
        reason = try json["reason"].anyText()
        path = try json["path"].ifPresent?.anyText()
        queue = try json["queue"].ifPresent?.anyText()
        exchange = try json["exchange"].anyText()
        requestID = try json["requestId"].ifPresent?.anyText()
        orderID = try json["orderId"].ifPresent?.anyText()
        receivedAt = try json["receivedAt"].instant()
        failedAgainAs = try json["failedAgainAs"].ifPresent?.text()
    }

    static let titles = Table(
        "ID", "STATE", "REASON", "FAULT AT", "FROM", "REQUEST", "ORDER", ">AGE")

    func cells(at now: Instant) -> [Table.Cell] {
        let story = failedAgainAs.map { "\(state), failed as \($0)" } ?? state
        return [
            Table.Cell(id), Table.Cell(story, DeadLetterState(rawValue: state)?.style ?? .plain),
            Table.Cell(reason.clipped(to: Self.widest)),
            Table.Cell((path ?? "").clipped(to: Self.widest)),
            Table.Cell((queue ?? "exchange \(exchange)").clipped(to: Self.widest)),
            Table.Cell((requestID ?? "").clipped(to: 64)),
            Table.Cell((orderID ?? "").clipped(to: 64)),
            Table.Cell(Age.text(since: receivedAt, now)),
        ]
    }
}

/// A group of dead letters that failed alike.
struct GroupRow: JSONReadable {
    private static let widest = 40

    var fingerprint: String
    var reason: String
    var path: String?
    var type: String?
    var count: Int64
    var open: Int64
    var firstAt: Instant
    var lastAt: Instant
    var exampleID: String

    init(json: JSONValue) throws(MessageFault) {
        fingerprint = try json["fingerprint"].text()
        reason = try json["reason"].anyText()
        path = try json["path"].ifPresent?.anyText()
        type = try json["type"].ifPresent?.anyText()
        count = try json["count"].integer()
        open = try json["states"]["open"].integer()
        firstAt = try json["firstAt"].instant()
        lastAt = try json["lastAt"].instant()
        exampleID = try json["exampleId"].text()
    }

    static let titles = Table(
        "GROUP", "REASON", "FAULT AT", "TYPE", ">ALL", ">OPEN", ">FIRST", ">LAST", "EXAMPLE")

    func cells(at now: Instant) -> [Table.Cell] {
        [
            Table.Cell(fingerprint), Table.Cell(reason.clipped(to: Self.widest)),
            Table.Cell((path ?? "").clipped(to: Self.widest)),
            Table.Cell((type ?? "").clipped(to: Self.widest)), Table.Cell(String(count)),
            Table.Cell(String(open), open > 0 ? .bad : .plain),
            Table.Cell(Age.text(since: firstAt, now)), Table.Cell(Age.text(since: lastAt, now)),
            Table.Cell(exampleID),
        ]
    }
}
