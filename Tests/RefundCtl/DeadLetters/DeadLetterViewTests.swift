import RefundMessages
import Testing

@testable import RefundCtl

@Suite("One dead letter") struct DeadLetterViewTests {
    private func fact(
        _ name: String, state: String = "open", reason: String = "invalid_message",
        consumer: String = "\"orchestrator-1\"", attempts: Int = 1,
        failedAgainAs: String = "null", code: String = "fails"
    ) throws -> String? {
        let json = """
            {"id": "7", "state": "\(state)", "reason": "\(reason)", "path": "/requestedAt",
             "detail": "It is none.", "fingerprint": "4d2e73af7b4d4045", "type": null,
             "messageId": null, "queue": "refund.requests", "exchange": "refund.requests",
             "routingKey": "request", "consumer": \(consumer), "attempts": \(attempts),
             "firstFailedAt": "2026-11-23T07:00:00Z", "lastFailedAt": "2026-11-23T07:00:00Z",
             "receivedAt": "2026-11-23T07:00:00Z", "sightings": 1, "replayOf": null,
             "failedAgainAs": \(failedAgainAs), "requestId": null, "orderId": null,
             "bodyBase64": "e30=", "pretty": null, "properties": {}, "headers": {}, "history": [],
             "forecast": {"code": "\(code)", "queue": "refund.requests", "exchange": "",
                          "routingKey": "refund.requests", "reason": "invalid_message",
                          "path": "/requestedAt", "detail": null}}
            """
        let bytes = Array(json.utf8)
        let view = try DeadLetterView(
            DeadLetterAPI.Answer(
                bytes: bytes, root: JSONDocument(bytes, limits: .stored).root))
        return view.facts.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    private static let refused =
        "to refund.requests: would be refused again (invalid_message at /requestedAt)"

    @Test(
        arguments: [
            ("open", "null", refused), ("discarded", "null", "once it is restored, " + refused),
            ("replaying", "null", nil), ("replayed", "null", "sent; nothing is heard of it yet"),
            ("replayed", "\"9\"", nil), ("resolved", "null", nil),
        ] as [(String, String, String?)])
    func `what a replay would meet is told where there may be one`(
        state: String, failedAgainAs: String, expected: String?
    ) throws {
        #expect(try fact("Replay", state: state, failedAgainAs: failedAgainAs) == expected)
    }

    @Test(arguments: [
        ("invalid_message", "\"orchestrator-1\"", 1, "1 attempt by orchestrator-1"),
        ("retries_exhausted", "\"orchestrator-1\"", 40, "40 attempts by orchestrator-1"),
        ("delivery_limit", "\"orchestrator-1\"", 8, "8 attempts by orchestrator-1"),
        ("delivery_limit", "null", 1, "delivered as often as the queue's limit allows"),
        ("expired", "null", 1, "1 attempt"),
    ])
    func `how often it was tried is told where it is known`(
        reason: String, consumer: String, attempts: Int, expected: String
    ) throws {
        let told = try fact("Failed", reason: reason, consumer: consumer, attempts: attempts)
        #expect(told == "2026-11-23T07:00:00Z · " + expected)
    }
}
