import RefundMessages
import Testing

@testable import PaymentWebhook

@Suite struct StripeEventTests {
    /// As Stripe's documentation shows it, in part.
    static func refund(_ id: String, metadata: String) -> String {
        #"{"id":"\#(id)","object":"refund","amount":160,"balance_transaction":null,"charge":"ch_1","#
            + #""currency":"usd","metadata":\#(metadata),"payment_intent":"pi_1","status":"pending"}"#
    }

    static func event(
        _ type: String, _ object: String, id: String = "evt_1", live: String = "true"
    ) -> [UInt8] {
        Array(
            (#"{"id":"\#(id)","object":"event","api_version":"2024-10-28.acacia","created":1700000000,"#
                + #""data":{"object":\#(object),"previous_attributes":{"status":"pending"}},"#
                + #""livemode":\#(live),"pending_webhooks":1,"request":{"id":null},"type":"\#(type)"}"#)
                .utf8)
    }

    static func charge(_ refunds: [String]) -> String {
        #"{"id":"ch_1","object":"charge","amount_refunded":160,"metadata":{"leg_id":"not/this"},"#
            + #""refunds":{"object":"list","data":[\#(refunds.joined(separator: ","))],"#
            + #""has_more":false,"url":"/v1/charges/ch_1/refunds"}}"#
    }

    static let ours = refund("re_1", metadata: #"{"leg_id":"r-1/p-1","case_id":"r-1"}"#)
    static let alsoOurs = refund("re_2", metadata: #"{"leg_id":"r-2/p-1"}"#)
    static let foreign = refund("re_3", metadata: "{}")

    @Test(arguments: [
        ("refund.created", ours, ["r-1/p-1"]), ("refund.updated", ours, ["r-1/p-1"]),
        ("refund.failed", ours, ["r-1/p-1"]), ("charge.refund.updated", ours, ["r-1/p-1"]),
        ("charge.refunded", charge([ours]), ["r-1/p-1"]),
        ("charge.refunded", charge([alsoOurs, foreign, ours, ours]), ["r-2/p-1", "r-1/p-1"]),
    ])
    func theLegIsInTheRefundsMetadata(_ type: String, _ object: String, _ legs: [String]) throws {
        let event = try StripeEvent(Self.event(type, object))
        #expect(event.legIDs == legs)
        #expect(event.id == "evt_1")
        #expect(event.isLive)
    }

    @Test(arguments: [
        ("refund.updated", foreign), ("refund.updated", refund("re_4", metadata: "null")),
        ("refund.updated", refund("re_4", metadata: #"{"leg_id":""}"#)),
        ("refund.updated", refund("re_4", metadata: #"{"leg_id":"of another system"}"#)),
        ("refund.updated", refund("re_4", metadata: #"{"leg_id":7}"#)),
        ("refund.updated", refund("re_4", metadata: "[]")),
        ("refund.updated", #"{"id":"re_4"}"#), ("charge.refunded", charge([foreign])),
        ("charge.refunded", charge([])),
        // API versions from 2022-11-15 do not embed them.
        ("charge.refunded", #"{"id":"ch_1","object":"charge","metadata":{"leg_id":"r-1/p-1"}}"#),
        ("charge.refunded", #"{"id":"ch_1","object":"charge","refunds":null}"#),
        ("charge.dispute.created", ours), ("payment_intent.succeeded", ours), ("ping", "null"),
    ])
    func whatIsNoRefundOfOursNamesNoLeg(_ type: String, _ object: String) throws {
        #expect(try StripeEvent(Self.event(type, object)).legIDs.isEmpty)
    }

    @Test(arguments: [("true", true), ("false", false), ("null", false)])
    func theModeIsRead(_ text: String, _ isLive: Bool) throws {
        #expect(try StripeEvent(Self.event("ping", "{}", live: text)).isLive == isLive)
    }

    @Test(arguments: [
        "", "null", "[]", "7", "{}", "{", #"{"id":"evt_1"}"#, #"{"type":"refund.updated"}"#,
        #"{"id":7,"type":"ping"}"#, #"{"id":"","type":"ping"}"#, #"{"id":"evt_1","type":null}"#,
        #"{"id":"evt_1","type":"refund.updated"}"#,
        #"{"id":"evt_1","type":"refund.updated","data":{}}"#,
        #"{"id":"evt_1","type":"refund.updated","data":{"object":[]}}"#,
        #"{"id":"evt_1","type":"charge.refunded","data":{"object":{"refunds":{}}}}"#,
        #"{"id":"evt_1","type":"ping","livemode":"yes"}"#,
        #"{"id":"evt_1","id":"evt_2","type":"ping"}"#, "\u{FEFF}{}",
        #"{"id":"\#(String(repeating: "e", count: 201))","type":"ping"}"#,
    ])
    func whatIsNoEventIsAFault(_ body: String) {
        #expect(throws: MessageFault.self) { try StripeEvent(Array(body.utf8)) }
    }

    @Test func whatIsNoUTF8IsAFault() {
        var body = Self.event("ping", "{}")
        body[8] = 0xFF
        #expect(throws: MessageFault.self) { try StripeEvent(body) }
    }

    @Test(arguments: [(61, true), (62, false), (100_000, false)])
    func itMayBeNestedAtMost64Deep(_ inner: Int, _ isRead: Bool) {
        let nested = String(repeating: "[", count: inner) + String(repeating: "]", count: inner)
        // The event, its data and its object are three.
        let body = Self.event("ping", "{\"x\":\(nested)}")
        #expect(((try? StripeEvent(body)) != nil) == isRead)
    }

    @Test(arguments: [(100, true), (101, false)])
    func aChargeMayHaveAtMost100Refunds(_ count: Int, _ isRead: Bool) {
        let refunds = (0..<count).map {
            Self.refund("re_\($0)", metadata: #"{"leg_id":"r-\#($0)/p"}"#)
        }
        let event = try? StripeEvent(Self.event("charge.refunded", Self.charge(refunds)))
        #expect(event?.legIDs.count == (isRead ? count : nil))
    }
}
