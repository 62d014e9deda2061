import AMQP
import Foundation
import RefundMessages

/// One dead letter with everything about it.
struct DeadLetterView {
    var row: DeadLetterRow
    var detail: String
    var fingerprint: String
    var type: String?
    var messageID: String?
    var exchange: String
    var routingKey: String
    var consumer: String?
    var attempts: Int64
    var firstFailedAt: Instant
    var lastFailedAt: Instant
    var sightings: Int64
    var replayOf: String?
    var body: [UInt8]
    /// The body as indented JSON; nil where it is none.
    var pretty: [UInt8]?
    var forecast: ForecastText
    var history: [HistoryRow]
    /// Names and values, in the order of the message.
    var properties: [(name: String, value: String)]
    var headers: [(name: String, value: String)]?

    init(_ answer: DeadLetterAPI.Answer) throws {
        let json = answer.root
        row = try DeadLetterRow(json: json)
        detail = try json["detail"].anyText()
        fingerprint = try json["fingerprint"].text()
        type = try json["type"].ifPresent?.anyText()
        messageID = try json["messageId"].ifPresent?.anyText()
        exchange = try json["exchange"].anyText()
        routingKey = try json["routingKey"].anyText()
        consumer = try json["consumer"].ifPresent?.anyText()
        attempts = try json["attempts"].integer()
        firstFailedAt = try json["firstFailedAt"].instant()
        lastFailedAt = try json["lastFailedAt"].instant()
        sightings = try json["sightings"].integer()
        replayOf = try json["replayOf"].ifPresent?.text()
        body = [UInt8](Data(base64Encoded: try json["bodyBase64"].anyText()) ?? Data())
        pretty = try json["pretty"].ifPresent.map { (pretty) throws(MessageFault) in
            Array(try pretty["text"].anyText().utf8)
        }
        forecast = try ForecastText(json: try json["forecast"])
        history = try json["history"].list()
        let members = try RawObject(checked: JSONBytes.withoutNUL(answer.bytes)[...])
        properties = try members["properties"].map(Self.members) ?? []
        headers = try members["headers"].flatMap { $0.first == UInt8(ascii: "{") ? $0 : nil }
            .map(Self.members)
    }

    /// Strings as they are, anything else as its JSON; a value of a type that JSON has not, plain.
    private static func members(
        _ object: ArraySlice<UInt8>
    ) throws(MessageFault) -> [(name: String, value: String)] {
        try RawObject(checked: object).members.map { (member) throws(MessageFault) in
            (member.name, try text(member.value))
        }
    }

    private static func text(_ value: ArraySlice<UInt8>) throws(MessageFault) -> String {
        if value.first == UInt8(ascii: "\"") { return try RawObject.text(value) }
        guard value.first == UInt8(ascii: "{"), let typed = try? RawObject(checked: value),
            let type = try typed["$type"].map(RawObject.text)
        else { return String(decoding: value, as: UTF8.self) }
        if let data = try typed["base64"].map(RawObject.text).flatMap({ Data(base64Encoded: $0) }) {
            let text = String(amqpBytes: [UInt8](data))
            return type == "string" ? text : "\(text) (\(type))"
        }
        guard let plain = try typed["value"].map(RawObject.text) else {
            return String(decoding: value, as: UTF8.self)
        }
        let instant = type == "timestamp" ? Int64(plain).flatMap(Instant.init(inRange:)) : nil
        return instant?.rfc3339 ?? "\(plain) (\(type))"
    }
}

extension Instant {
    /// Seconds since 1970 up to the year 9999; nil for others, which no calendar shows well.
    fileprivate init?(inRange seconds: Int64) {
        guard (0..<253_402_300_800).contains(seconds) else { return nil }
        self.init(seconds: seconds)
    }
}

/// What a replay of a message would meet.
struct ForecastText: JSONReadable {
    var code: String
    var queue: String?
    var exchange: String
    var routingKey: String
    var reason: String?
    var path: String?
    var detail: String?

    init(json: JSONValue) throws(MessageFault) {
        code = try json["code"].text()
        queue = try json["queue"].ifPresent?.anyText()
        exchange = try json["exchange"].anyText()
        routingKey = try json["routingKey"].anyText()
        reason = try json["reason"].ifPresent?.anyText()
        path = try json["path"].ifPresent?.anyText()
        detail = try json["detail"].ifPresent?.anyText()
    }

    /// The queue, or the exchange with its routing key.
    var destination: String { Self.destination(queue, exchange, routingKey) }

    static func destination(_ queue: String?, _ exchange: String, _ routingKey: String) -> String {
        queue.map { $0.clipped(to: 64) }
            ?? "exchange \(exchange.clipped(to: 40)), key \(routingKey.clipped(to: 40))"
    }

    /// What it means for the operator.
    static func meaning(_ code: String) -> String {
        switch code {
        case "fits": "today's code accepts it"
        case "fails": "would be refused again"
        case "depends": "well formed; accepted or not by what is stored now"
        default: "not known here"
        }
    }

    static func style(_ code: String) -> Style {
        switch code {
        case "fits": .good
        case "fails": .bad
        default: .attention
        }
    }
}

/// Something that happened to a dead letter.
struct HistoryRow: JSONReadable {
    var at: Instant
    var what: String
    var by: String?
    var job: String?
    var note: String?
    var other: String?

    init(json: JSONValue) throws(MessageFault) {
        at = try json["at"].instant()
        what = try json["what"].anyText()
        by = try json["by"].ifPresent?.anyText()
        job = try json["job"].ifPresent?.text()
        note = try json["note"].ifPresent?.anyText()
        other = try json["other"].ifPresent?.text()
    }

    var cells: [Table.Cell] {
        let whole = other.map { other in
            what == "arrived" ? "\(what), of the replay of \(other)" : "\(what) as \(other)"
        }
        return [
            Table.Cell(at.toTheSecond), Table.Cell((whole ?? what).clipped(to: 80)),
            Table.Cell((by ?? "").clipped(to: 40)), Table.Cell(job ?? ""),
            Table.Cell((note ?? "").clipped(to: 120)),
        ]
    }
}
