import AMQP
import Database
import DatabaseSupport
import RefundMessages
import Testing
import WorkerRuntime

@testable import Orchestrator

@Suite("Nothing a message says can stop the others", .everyEngine, .timeLimit(.minutes(10)))
struct ResilienceTests {
    private func opened(_ order: OrderPaid = CaseSamples.order()) async throws -> (
        rig: OrchestratorRig, messages: [OutgoingMessage]
    ) {
        let rig = try await OrchestratorRig()
        try await rig.deliver("refund.facts", "order", order.encode())
        let opened = try await rig.deliver(
            "refund.requests", "request", CaseSamples.request().encode())
        return (rig, opened.messages)
    }

    @Test func `an order that is longer as we write it than as it came can be refunded`()
        async throws
    {
        // Two bytes a character as it comes, six as it is written.
        var order = CaseSamples.order()
        order.payments[0].reference = String(repeating: "\u{8}", count: 256)
        order.payments += (0..<40).map {
            OrderPayment(
                paymentID: "q-\($0)", provider: .sandbox,
                reference: String(repeating: "\u{8}", count: 256), method: "card", cash: 0)
        }
        let body = String(decoding: order.encode(), as: UTF8.self)
            .replacing("\\u0008", with: "\\b")
        try #require(body.utf8.count < 65_536 && order.encode().count > 61_000)
        let rig = try await OrchestratorRig()
        let stored = try await rig.deliver("refund.facts", "order", Array(body.utf8))
        #expect(stored.disposition == .done)
        let opened = try await rig.deliver(
            "refund.requests", "request", CaseSamples.request(lines: ["g"]).encode())
        let outcomes = try await rig.carry(
            opened.messages, answers: [.gateway: CaseSamples.gatewayEligible])
        #expect(outcomes.map(\.status) == [.refunded])
    }

    @Test func `a result does not send the other products' checks again`() async throws {
        let (rig, messages) = try await opened()
        #expect(messages.map(\.routingKey) == ["gateway", "notifications"])
        let first = CaseSamples.result(.gateway, CaseSamples.gatewayEligible)
        let answer = try await rig.deliver("refund.results", "gateway", first.encode())
        #expect(answer.messages.isEmpty)
        rig.clock.advance(seconds: 31)
        #expect(try await rig.sweep().map(\.routingKey) == ["notifications"])
    }

    @Test func `what is outstanding is repeated ever more rarely`() async throws {
        let (rig, _) = try await opened()
        var sweeps: [Int] = []
        for second in 1...600 {
            rig.clock.advance(seconds: 1)
            if try await !rig.sweep().isEmpty { sweeps.append(second) }
        }
        #expect(sweeps == [30, 60, 120, 240, 480])
    }

    static let wrong: [(name: String, change: @Sendable (inout RefundResult) -> Void)] = [
        ("another order", { $0.orderID = "o-9" }), ("no line", { $0.lines = [] }),
        ("another line", { $0.lines[0].lineID = "n" }),
    ]

    @Test(arguments: wrong.indices)
    func `a result that is no answer to the check is refused, and the right one still counts`(
        _ index: Int
    ) async throws {
        let (rig, _) = try await opened()
        let right = CaseSamples.result(.gateway, CaseSamples.gatewayEligible)
        var result = right
        Self.wrong[index].change(&result)
        let refused = try await rig.deliver("refund.results", "gateway", result.encode())
        #expect(refused.disposition.reason == "invalid_message", "\(Self.wrong[index].name)")
        let other = CaseSamples.result(.notifications, CaseSamples.notificationsInUse)
        try await rig.deliver("refund.results", "notifications", other.encode())
        let answer = try await rig.deliver("refund.results", "gateway", right.encode())
        #expect(try await rig.carry(answer.messages).map(\.status) == [.partiallyRefunded])
    }

    @Test(arguments: ["x", "2999-01-01T00:00:00Z"])
    func `a forged beginning of a wait does not make a request wait for ever`(_ since: String)
        async throws
    {
        let rig = try await OrchestratorRig()
        let answer = try await rig.deliver(
            "refund.requests", "request", CaseSamples.request().encode(), firstFailedAt: since)
        #expect(answer.disposition == .done)
        #expect(try await rig.carry(answer.messages).map(\.code) == [.orderNotFound])
    }

    @Test func `one case that cannot be read keeps no other standing`() async throws {
        let (rig, _) = try await opened()
        try await rig.database.write { connection in
            _ = try connection.execute(
                """
                INSERT INTO cases (case_id, order_id, phase, revision, confirmed, opened_at, due_at,
                    state) VALUES ('broken', 'o-9', 'checking', 0, 0, 0, 0, $1)
                """, [.blob([1, 2, 3])])
        }
        rig.clock.advance(seconds: 31)
        #expect(try await rig.sweep().map(\.routingKey) == ["gateway", "notifications"])
    }

    @Test func `a decision without a message id is told when it comes again`() async throws {
        let rig = try await OrchestratorRig()
        try await rig.deliver("refund.facts", "order", CaseSamples.order().encode())
        let opened = try await rig.deliver(
            "refund.requests", "request", CaseSamples.request(lines: ["g"]).encode())
        _ = try await rig.carry(opened.messages, answers: [.gateway: CaseSamples.gatewayMetered])
        let body = ReviewDecision(requestID: "r-1", decision: .approve, operator: "kim").encode()
        for _ in 1...2 {
            let answer = try await rig.deliver("refund.reviews", "decision", body)
            #expect(answer.disposition == .done)
        }
    }

    @Test func `an outcome that a subscriber's queue refused is sent again`() async throws {
        let rig = try await OrchestratorRig()
        try await rig.deliver("refund.facts", "order", CaseSamples.order().encode())
        try await rig.deliver("refund.requests", "request", CaseSamples.request().encode())
        let results = [
            CaseSamples.result(.gateway, CaseSamples.gatewaySteps),
            CaseSamples.result(.notifications, CaseSamples.notificationsInUse),
        ]
        for result in results {
            let answer = try await rig.handle(
                "refund.results", result.product.rawValue, result.encode())
            let refused = answer.messages.indices.filter { !answer.messages[$0].mandatory }
            try await answer.afterConfirm?(Set(refused))
        }
        rig.clock.advance(seconds: 31)
        #expect(
            try await rig.sweep().map(\.routingKey) == ["action_required.gateway.notifications"])
        rig.clock.advance(seconds: 3_600)
        #expect(try await rig.sweep().isEmpty)
    }
}
