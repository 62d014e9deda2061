import Foundation
import RefundMessages

/// What an operator asks for: `jobRequest` of the API's description.
struct JobRequest: Sendable {
    enum Selection: Sendable {
        case ids([Int64])
        case filter(RecordFilter)
    }

    /// Dead letters named one by one, at most.
    static let maximumIDs = 10_000
    static let maximumBodyBytes = 4 << 20
    static let defaultRate: Int64 = 100
    static let rates: ClosedRange<Int64> = 1...10_000

    var key: String
    var action: Job.Action
    var selection: Selection
    var queue: String?
    var rate: Int64
    var note: String?
    var editedBody: [UInt8]?
    var starts: Bool

    init(_ body: [UInt8]) throws(MessageFault) {
        let limits = JSONLimits(maxBytes: Self.maximumBodyBytes)
        let json = try JSONDocument(body, limits: limits).root
        try json.hasOnly([
            "key", "action", "select", "queue", "ratePerSecond", "note", "edit", "start",
        ])
        key = try json["key"].identifier()
        action = try json["action"].choice()
        selection = try Selection(json: try json["select"])
        queue = try json["queue"].ifPresent?.shortText()
        rate = try json["ratePerSecond"].ifPresent?.integer(Self.rates) ?? Self.defaultRate
        note = try json["note"].ifPresent?.text(1...500)
        starts = try json["start"].ifPresent?.bool() ?? false
        if let edit = try json["edit"].ifPresent {
            try edit.hasOnly(["bodyBase64"])
            let text = try edit["bodyBase64"].text(0...Self.maximumBodyBytes)
            guard let data = Data(base64Encoded: text) else {
                throw try edit["bodyBase64"].fault("must be base64")
            }
            editedBody = [UInt8](data)
        }
        try checkTogether(json)
    }

    private func checkTogether(_ json: JSONValue) throws(MessageFault) {
        guard note != nil || action == .replay else { throw try json["note"].missing() }
        guard action == .replay || (queue == nil && editedBody == nil) else {
            throw JSONValue.fault(at: "/action", "must be replay where there is a queue or an edit")
        }
        guard editedBody == nil || selection.isSingle else {
            throw JSONValue.fault(at: "/select", "must name one id where there is an edit")
        }
    }
}

extension JobRequest.Selection {
    fileprivate init(json: JSONValue) throws(MessageFault) {
        try json.hasOnly(["ids", "filter"])
        let ids = try json["ids"].ifPresent?.list(1...JobRequest.maximumIDs) {
            (element) throws(MessageFault) in
            guard let id = Int64(recordID: try element.text(1...18)) else {
                throw element.fault("must be the id of a dead letter")
            }
            return id
        }
        let filter = try json["filter"].ifPresent
        switch (ids, filter) {
        case (let ids?, nil): self = .ids(Set(ids).sorted())
        case (nil, let filter?): self = .filter(try RecordFilter(json: filter))
        default: throw json.fault("must have either ids or filter")
        }
    }

    fileprivate var isSingle: Bool {
        if case .ids(let ids) = self { ids.count == 1 } else { false }
    }
}

extension RecordFilter {
    /// `filter` of the API's description. A misspelt condition is no condition: it is refused.
    init(json: JSONValue) throws(MessageFault) {
        try json.hasOnly([
            "state", "queue", "reason", "type", "requestId", "orderId", "fingerprint", "since",
            "until", "text",
        ])
        state = try json["state"].ifPresent?.choice()
        queue = try json["queue"].ifPresent?.shortText()
        reason = try json["reason"].ifPresent?.text(1...64)
        type = try json["type"].ifPresent?.shortText()
        requestID = try json["requestId"].ifPresent?.identifier()
        orderID = try json["orderId"].ifPresent?.identifier()
        fingerprint = try json["fingerprint"].ifPresent?.text(16...16)
        since = try json["since"].ifPresent?.instant()
        until = try json["until"].ifPresent?.instant()
        text = try json["text"].ifPresent?.text(1...200)
    }
}

extension JSONValue {
    /// A text that AMQP can name something by.
    fileprivate func shortText() throws(MessageFault) -> String {
        let text = try text(1...255)
        guard text.utf8.count <= 255 else { throw fault("must have at most 255 bytes") }
        return text
    }
}

extension Int64 {
    /// An id as the API writes it: decimal digits, from 1, without a leading zero.
    init?(recordID text: String) {
        guard (1...18).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "0"),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        self.init(text)
    }
}
