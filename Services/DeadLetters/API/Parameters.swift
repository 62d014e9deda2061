import HTTPTypes
import Hummingbird
import NIOCore
import RefundMessages

/// A parameter or a body that is not of the form; answered 400.
struct BadRequest: Error {
    let sentence: String
    init(_ sentence: String) { self.sentence = sentence }
}

/// The query parameters of one request, read strictly: an unknown or repeated one is refused, since a
/// misspelt condition would mean everything.
struct Parameters {
    static let limits: ClosedRange<Int64> = 1...200
    static let defaultLimit: Int64 = 50

    private var values: [String: String] = [:]

    init(_ request: Request, allowed: [String]) throws {
        for (name, value) in request.uri.queryParameters {
            guard allowed.contains(String(name)) else {
                throw BadRequest(
                    "there is no parameter of that name; known are \(allowed.joined(separator: ", "))"
                )
            }
            guard values.updateValue(String(value), forKey: String(name)) == nil else {
                throw BadRequest("the parameter \(name) is given twice")
            }
        }
    }

    func text(
        _ name: String, _ form: String, where isValid: (String) -> Bool
    ) throws -> String? {
        guard let value = values[name] else { return nil }
        guard isValid(value) else { throw BadRequest("the parameter \(name) must be \(form)") }
        return value
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, of: Choice.Type = Choice.self
    ) throws -> Choice? {
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return try text(name, "one of \(names)") { Choice(rawValue: $0) != nil }
            .flatMap(Choice.init)
    }

    func limit() throws -> Int64 {
        let form = "a whole number from \(Self.limits.lowerBound) to \(Self.limits.upperBound)"
        return try text("limit", form) { text in
            text.utf8.allSatisfy { (0x30...0x39).contains($0) }
                && Int64(text).map { Self.limits.contains($0) } ?? false
        }.flatMap { Int64($0) } ?? Self.defaultLimit
    }

    /// A cursor that is an id.
    func cursor() throws -> Int64? {
        try text("cursor", "the next of the page before") { Int64(recordID: $0) != nil }
            .flatMap { Int64(recordID: $0) }
    }

    func instant(_ name: String) throws -> Instant? {
        try text(name, "an RFC 3339 date and time") { Instant(rfc3339: $0) != nil }
            .flatMap(Instant.init(rfc3339:))
    }

    func id(_ name: String) throws -> Int64? {
        try text(name, "an id") { Int64(recordID: $0) != nil }.flatMap { Int64(recordID: $0) }
    }

    static let filterNames = [
        "state", "queue", "reason", "type", "requestId", "orderId", "fingerprint", "since", "until",
        "text",
    ]

    func filter() throws -> RecordFilter {
        // What is stored has no U+0000.
        let isName = { (text: String) in
            (1...255).contains(text.unicodeScalars.count) && !text.utf8.contains(0)
        }
        var filter = RecordFilter()
        filter.state = try choice("state")
        filter.queue = try text("queue", "1 to 255 characters without U+0000", where: isName)
        filter.type = try text("type", "1 to 255 characters without U+0000", where: isName)
        filter.reason = try text("reason", "a code of a–z and _") { text in
            (1...64).contains(text.utf8.count)
                && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_") }
        }
        filter.requestID = try text("requestId", "an id", where: isIdentifier)
        filter.orderID = try text("orderId", "an id", where: isIdentifier)
        filter.fingerprint = try text("fingerprint", "16 hex digits", where: Self.isFingerprint)
        filter.since = try instant("since")
        filter.until = try instant("until")
        filter.text = try text("text", "1 to 200 characters") {
            (1...200).contains($0.unicodeScalars.count)
        }
        return filter
    }

    static func isFingerprint(_ text: String) -> Bool {
        text.utf8.count == 16
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
