import AMQP
import Telemetry
import Testing

@testable import WorkerRuntime

@Suite struct SuspicionTests {
    @Test(
        "What the broker's count and our header say of a message",
        arguments: [
            (0, 0, .none), (0, 1, .unclear), (0, 2, .suspect(crashes: 1)),
            (0, 19, .convicted(crashes: 1)), (1, 0, .suspect(crashes: 1)),
            (1, 5, .suspect(crashes: 1)), (3, 6, .convicted(crashes: 3)),
        ] as [(Int32, Int64, Suspicion)])
    func table(crashes: Int32, returns: Int64, expected: Suspicion) {
        #expect(of(crashes, returns, exchange: "", redelivered: returns > 0) == expected)
    }

    @Test(
        "Only what comes back from its trial has one crash more",
        arguments: [
            (1, 0, .onTrial(crashes: 1)), (1, 1, .suspect(crashes: 2)),
            (4, 3, .suspect(crashes: 5)), (7, 1, .convicted(crashes: 8)),
        ] as [(Int32, Int64, Suspicion)])
    func trial(crashes: Int32, returns: Int64, expected: Suspicion) {
        let suspicion = of(
            crashes, returns, exchange: "", redelivered: returns > 0, isOnTrial: true)
        #expect(suspicion == expected)
    }

    @Test("What a publisher writes into our headers and the broker's means nothing")
    func forged() {
        #expect(of(4, 7, exchange: "refund.requests", redelivered: false) == .none)
        #expect(of(4, 1, exchange: "refund.requests", redelivered: true) == .unclear)
    }

    @Test("A suspect is put off with its crashes, and is a dead letter after eight")
    func putOff() throws {
        let failures = FailureMessages(consumer: "c")
        let message = incoming(delivery())
        guard
            case .publish(let copy) = failures.putOff(
                message, crashes: 7, toTrial: true, at: .now()),
            case .publish(let letter) = failures.putOff(message, crashes: 8, at: .now())
        else { throw Unexpected() }
        #expect(copy.exchange == "refund.delay.1s")
        #expect(copy.properties.headers?["refund-crashes"]?.integer == 7)
        #expect(copy.properties.headers?["refund-trial"]?.integer == 1)
        #expect(copy.properties.headers?["refund-attempts"]?.integer == 0)
        #expect(letter.exchange == "refund.dead-letters")
        #expect(letter.properties.headers?["refund-reason"] == .text("delivery_limit"))
    }

    private struct Unexpected: Error {}

    private func of(
        _ crashes: Int32, _ returns: Int64, exchange: String, redelivered: Bool,
        isOnTrial: Bool = false
    ) -> Suspicion {
        var headers = FieldTable([("x-delivery-count", .int64(returns))])
        if crashes > 0 {
            headers.entries += [
                ("refund-crashes", .int32(crashes)), ("refund-attempts", .int32(0)),
                ("refund-first-failed-at", .text("2026-11-23T07:00:00Z")),
            ]
        }
        if isOnTrial { headers["refund-trial"] = .int32(1) }
        return Suspicion(
            incoming(delivery(redelivered: redelivered, exchange: exchange, headers: headers)),
            names: RuntimeNames())
    }
}
