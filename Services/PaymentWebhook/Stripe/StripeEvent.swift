import RefundMessages

/// What is used of an event of Stripe's: which one it is, and the legs whose refunds it tells of. Of
/// what it says about them nothing is believed, so nothing else is read, and every API version's
/// form will do.
struct StripeEvent: Equatable {
    /// Bytes of a body.
    static let maximumBytes = 256 * 1024
    private static let limits = JSONLimits(maxBytes: maximumBytes, maxDepth: 64)
    /// Bytes of an event's id, which becomes a message id (a short string of AMQP, 255).
    private static let maximumIDBytes = 200
    /// Refunds embedded in one event; Stripe embeds 10.
    private static let maximumRefunds = 100

    /// The event's id, `evt_…`; a repetition has the same.
    var id: String
    /// False in test mode.
    var isLive: Bool
    /// Each once, in the order of the event; empty where it tells of no refund of ours.
    var legIDs: [String]

    /// - Throws: `MessageFault` where the body is no JSON, or no event.
    init(_ body: [UInt8]) throws(MessageFault) {
        let event = try JSONDocument(body, limits: Self.limits).root
        id = try event["id"].text()
        guard id.utf8.count <= Self.maximumIDBytes else {
            throw try event["id"].fault("must have at most \(Self.maximumIDBytes) bytes")
        }
        isLive = try event["livemode"].ifPresent?.bool() ?? false
        legIDs = []
        for refund in try Self.refunds(of: event) {
            guard let legID = try Self.legID(of: refund), !legIDs.contains(legID) else { continue }
            legIDs.append(legID)
        }
    }

    /// The refund objects of an event: what it is about, or what is embedded in the charge it is
    /// about (API versions before 2022-11-15).
    private static func refunds(of event: JSONValue) throws(MessageFault) -> [JSONValue] {
        switch try event["type"].text() {
        case "refund.created", "refund.updated", "refund.failed", "charge.refund.updated":
            return [try event["data"]["object"]]
        case "charge.refunded":
            guard let list = try event["data"]["object"]["refunds"].ifPresent else { return [] }
            return try list["data"].list(0...maximumRefunds) { value throws(MessageFault) in value }
        default: return []
        }
    }

    /// The leg that a refund's metadata names; nil where it is not one of this system's.
    private static func legID(of refund: JSONValue) throws(MessageFault) -> String? {
        guard let metadata = try refund["metadata"].ifPresent else { return nil }
        return try? metadata["leg_id"].legID()
    }
}
