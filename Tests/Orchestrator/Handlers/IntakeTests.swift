import AMQP
import Database
import DatabaseSupport
import RefundMessages
import Testing
import WorkerRuntime

@testable import Orchestrator

@Suite(
    "Requests are taken in once, and refused with a reason", .everyEngine, .timeLimit(.minutes(10)))
struct IntakeTests {
    private func request(_ rig: OrchestratorRig, _ request: RefundRequest = CaseSamples.request())
        async throws -> (disposition: Disposition, outcomes: [RefundOutcome])
    {
        let (disposition, messages) = try await rig.deliver(
            "refund.requests", "request", request.encode(), messageID: "m-1")
        let outcomes = try await rig.carry(
            messages,
            answers: [
                .gateway: CaseSamples.gatewayEligible,
                .notifications: CaseSamples.notificationsEligible,
            ])
        return (disposition, outcomes)
    }

    private func rigWithOrder() async throws -> OrchestratorRig {
        let rig = try await OrchestratorRig()
        try await rig.deliver("refund.facts", "order", CaseSamples.order().encode())
        return rig
    }

    @Test func `a request goes its way to the refunded outcome`() async throws {
        let rig = try await rigWithOrder()
        let (disposition, outcomes) = try await request(rig)
        #expect(disposition == .done)
        #expect(outcomes.map(\.status) == [.refunded])
        #expect(outcomes.first?.refund?.amount == 260)
    }

    @Test func `the same request again publishes the latest outcome again and does nothing else`()
        async throws
    {
        let rig = try await rigWithOrder()
        let first = try await request(rig).outcomes
        var reordered = CaseSamples.request()
        reordered.requestedAt = Instant(seconds: reordered.requestedAt.seconds)
        let again = try await rig.deliver("refund.requests", "request", reordered.encode())
        #expect(again.disposition == .done)
        #expect(again.messages.map(\.exchange) == ["refund.outcomes"])
        #expect(try RefundOutcome.decode(again.messages[0].body) == first[0])
    }

    @Test func `the same id with other content is a conflict, and the first stays`() async throws {
        let rig = try await rigWithOrder()
        _ = try await request(rig)
        let (disposition, messages) = try await rig.deliver(
            "refund.requests", "request", CaseSamples.request(lines: ["g"]).encode())
        #expect(disposition.reason == "request_conflict")
        #expect(messages.isEmpty)
    }

    @Test func `an unknown order is waited for ten seconds, then not found`() async throws {
        let rig = try await OrchestratorRig()
        let body = CaseSamples.request().encode()
        let first = try await rig.deliver("refund.requests", "request", body)
        guard case .wait = first.disposition else {
            Issue.record("expected a wait, got \(first.disposition)")
            return
        }
        let since = "2026-09-22T14:13:20Z"
        #expect(Instant(rfc3339: since) == OrchestratorRig.start)
        rig.clock.advance(seconds: 9)
        let early = try await rig.deliver(
            "refund.requests", "request", body, firstFailedAt: since)
        guard case .wait = early.disposition else {
            Issue.record("expected a wait, got \(early.disposition)")
            return
        }
        rig.clock.advance(seconds: 1)
        let late = try await rig.deliver("refund.requests", "request", body, firstFailedAt: since)
        let outcome = try RefundOutcome.decode(try #require(late.messages.first).body)
        #expect(outcome.code == .orderNotFound)
        #expect(outcome.status == .denied)
        #expect(outcome.lines.isEmpty)
        #expect(late.messages.first?.routingKey == "denied")
    }

    @Test func `another account's order is as unknown, and waited for as long`() async throws {
        let rig = try await rigWithOrder()
        var foreign = CaseSamples.request(lines: ["no-such-line"])
        foreign.accountID = "a-2"
        let first = try await rig.deliver("refund.requests", "request", foreign.encode())
        guard case .wait = first.disposition else {
            Issue.record("expected a wait, got \(first.disposition)")
            return
        }
        rig.clock.advance(seconds: 10)
        let late = try await rig.deliver(
            "refund.requests", "request", foreign.encode(), firstFailedAt: "2026-09-22T14:13:20Z")
        let outcome = try RefundOutcome.decode(try #require(late.messages.first).body)
        #expect(outcome.code == .orderNotFound)
    }

    @Test func `a dead-lettered id is not remembered`() async throws {
        let rig = try await rigWithOrder()
        let unknown = try await rig.deliver(
            "refund.requests", "request", CaseSamples.request(lines: ["g", "x"]).encode())
        #expect(
            unknown.disposition
                == .deadLetter(
                    DeadLetter(
                        reason: "unknown_line", path: "/lines/1",
                        detail: "The order has no line of that id.")))
        #expect(try await request(rig).outcomes.map(\.status) == [.refunded])
    }

    @Test(
        arguments: [
            (300, nil), (301, "requested_at_in_future"), (-2_592_000, nil),
            (-2_592_001, "requested_at_too_old"),
        ] as [(Int64, String?)])
    func `requestedAt lies at most five minutes ahead and thirty days behind`(
        _ offset: Int64, _ reason: String?
    ) async throws {
        let rig = try await rigWithOrder()
        var dated = CaseSamples.request()
        dated.requestedAt = OrchestratorRig.start.advanced(bySeconds: offset)
        let (disposition, _) = try await rig.deliver("refund.requests", "request", dated.encode())
        #expect(disposition.reason == reason)
    }

    @Test func `lines that another open request may still pay are in progress`() async throws {
        let rig = try await rigWithOrder()
        try await rig.deliver(
            "refund.requests", "request", CaseSamples.request(lines: ["g"]).encode())
        var second = CaseSamples.request()
        second.requestID = "r-2"
        let (_, messages) = try await rig.deliver("refund.requests", "request", second.encode())
        let outcomes = try await rig.carry(
            messages, answers: [.notifications: CaseSamples.notificationsEligible])
        #expect(outcomes.map(\.status) == [.partiallyRefunded])
        #expect(outcomes.first?.lines.map(\.verdict.code) == [.refundInProgress, .eligible])
        #expect(outcomes.first?.refund?.legs.map(\.amount) == [100])
    }

    @Test func `what was refunded stays refunded for every later request`() async throws {
        let rig = try await rigWithOrder()
        _ = try await request(rig)
        var second = CaseSamples.request()
        second.requestID = "r-2"
        let outcomes = try await request(rig, second).outcomes
        #expect(outcomes.first?.lines.map(\.verdict.code) == [.alreadyRefunded, .alreadyRefunded])
    }

    @Test func `a dry run is advice and leaves nothing behind`() async throws {
        let rig = try await rigWithOrder()
        let dry = try await request(rig, CaseSamples.request(dryRun: true)).outcomes
        #expect(dry.map(\.status) == [.advice])
        let left = try await rig.database.read { connection in
            try connection.query(
                "SELECT case_id FROM cases UNION ALL SELECT case_id FROM claims", [])
        }
        #expect(left.isEmpty)
        #expect(try await request(rig).outcomes.map(\.status) == [.refunded])
    }

    @Test func `a dry run on an unknown order is answered at once`() async throws {
        let rig = try await OrchestratorRig()
        let outcomes = try await request(rig, CaseSamples.request(dryRun: true)).outcomes
        #expect(outcomes.map(\.status) == [.advice])
        #expect(outcomes.first?.code == .orderNotFound)
    }
}

extension Disposition {
    /// The dead letter's reason, nil where it is none.
    var reason: String? {
        if case .deadLetter(let letter) = self { letter.reason } else { nil }
    }
}

@Suite("A result pays no more than the rules can mean", .everyEngine, .timeLimit(.minutes(10)))
struct ResultHandlerTests {
    private func disposition(
        _ product: Product, _ verdict: LineVerdict, routingKey: String
    ) async throws -> Disposition {
        let rig = try await OrchestratorRig()
        try await rig.deliver("refund.facts", "order", CaseSamples.order().encode())
        try await rig.deliver(
            "refund.requests", "request", CaseSamples.request(lines: ["g"]).encode())
        return try await rig.deliver(
            "refund.results", routingKey, CaseSamples.result(product, verdict).encode()
        ).disposition
    }

    @Test(arguments: [161, nil] as [Int64?])
    func `GEN-3 an amount above the line's cash, or none, is refused`(_ amount: Int64?)
        async throws
    {
        var verdict = CaseSamples.gatewayEligible
        verdict.amount = amount
        let refused = try await disposition(.gateway, verdict, routingKey: "gateway")
        #expect(refused.reason == "invalid_message")
    }

    @Test func `a sender that speaks for another product is not authorised`() async throws {
        let refused = try await disposition(
            .gateway, CaseSamples.gatewayEligible, routingKey: "pca")
        #expect(refused.reason == "not_authorised")
    }
}
