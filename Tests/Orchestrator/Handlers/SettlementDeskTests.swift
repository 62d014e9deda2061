import AMQP
import Database
import DatabaseSupport
import RefundMessages
import ServiceLifecycle
import ServiceLifecycleTestKit
import Testing
import WorkerRuntime

@testable import Orchestrator

@Suite(
    "Providers are called beside each other, within bounds", .everyEngine, .timeLimit(.minutes(10)))
struct SettlementDeskTests {
    /// Orders `o-…` of one line over one payment, requested and decided: one leg each.
    private func decide(
        _ count: Int, by provider: PaymentProviderName, prefix: String, in rig: OrchestratorRig
    ) async throws -> [LegWish] {
        let ids = (0..<count).map { "\(prefix)-\($0)" }
        _ = try await rig.deliver(
            together: ids.map { id in
                var order = CaseSamples.order()
                order.orderID = "o-\(id)"
                order.payments = [
                    OrderPayment(
                        paymentID: "p-1", provider: provider, reference: "card_ok", method: "card",
                        cash: 260)
                ]
                return .sample("refund.facts", "order", order.encode())
            })
        _ = try await rig.deliver(
            together: ids.map { id in
                var request = CaseSamples.request(lines: ["g"])
                request.requestID = id
                request.orderID = "o-\(id)"
                return .sample("refund.requests", "request", request.encode())
            })
        let settles = try await rig.deliver(
            together: ids.map { id in
                let result = RefundResult(
                    caseID: id, requestID: id, orderID: "o-\(id)", product: .gateway, revision: 1,
                    lines: [CaseSamples.gatewayEligible])
                return .sample("refund.results", "gateway", result.encode())
            })
        #expect(settles.count == count)
        return ids.map { LegWish(caseID: $0, legID: "\($0)/p-1") }
    }

    private func states(_ rig: OrchestratorRig) async throws -> [Leg.State: Int] {
        let cases = try await rig.database.read { connection in
            try connection.query("SELECT confirmed, opened_at, state FROM cases", [])
                .map { try CaseSession.StoredCase($0).value }
        }
        return Dictionary(cases.flatMap(\.legs).map { ($0.state, 1) }, uniquingKeysWith: +)
    }

    @Test func `a provider that stalls is called 256 times at once, and holds no other`()
        async throws
    {
        let stalled = GatedProvider()
        let (quick, count) = (GatedProvider(), 40)
        quick.open()
        let rig = try await OrchestratorRig(providers: [.stripe: stalled, .sandbox: quick])
        let stuck = try await decide(300, by: .stripe, prefix: "s", in: rig)
        let others = try await decide(count, by: .sandbox, prefix: "q", in: rig)
        for start in stride(from: 0, to: stuck.count, by: 100) {
            try await rig.desk.take(Array(stuck[start..<(start + 100)]))
        }
        await stalled.wait(for: ProviderLane.callsAtOnce)
        try await rig.desk.take(others)
        while try await states(rig)[.succeeded, default: 0] < count {
            await Task.yield()
            try await rig.desk.record()
        }
        let before = try await states(rig)
        #expect(before == [.submitting: 256, .planned: 44, .succeeded: count])
        // A message that comes again, of a leg that is called or waits, does nothing.
        try await rig.desk.take(stuck)

        stalled.open()
        _ = try await rig.settle()
        #expect(try await states(rig) == [.succeeded: 300 + count])
        #expect(stalled.most == 256)
        let ledger = try await rig.database.read {
            try $0.query("SELECT COUNT(*) FROM ledger WHERE transition = 'succeeded'", [])
        }
        #expect(try ledger.first?.integer(0) == Int64(300 + count))
    }

    @Test func `what settles does not wait for what is only asked for again`() async throws {
        var lanes = ProviderLanes()
        let check = ProviderLane(provider: .stripe, isCheck: true)
        let settle = ProviderLane(provider: .stripe, isCheck: false)
        let calls = (0..<40).map { number in
            ProviderCall(
                caseID: "r-\(number)", provider: .stripe,
                refund: ProviderRefund(
                    legID: "r-\(number)/p-1", paymentReference: "ch_1", amount: 1, currency: "USD"),
                kind: .lookUp, isCheck: true)
        }
        #expect(lanes.start(calls).count == ProviderLane.checksAtOnce)
        #expect(lanes.free[check] == 0)
        #expect(lanes.free[settle] == ProviderLane.callsAtOnce)
        #expect(lanes.end(calls[0]) == calls[32], "the next in turn")
    }

    @Test func `what falls due now does not overtake what waits for a call`() {
        var lanes = ProviderLanes()
        let (full, idle) = (
            ProviderLane(provider: .stripe, isCheck: false),
            ProviderLane(provider: .sandbox, isCheck: false)
        )
        lanes.wait(LegWish(caseID: "r", legID: "r/p-1"), in: full)
        #expect(lanes.free[full] == ProviderLane.callsAtOnce)
        #expect(lanes.freeForNew[full] == nil)
        #expect(lanes.freeForNew[idle] == ProviderLane.ownCallsAtOnce)
    }

    @Test func `only so many legs wait in memory`() {
        var lanes = ProviderLanes()
        let lane = ProviderLane(provider: .stripe, isCheck: false)
        for number in 0..<(ProviderLane.waitingAtMost + 10) {
            for _ in 0..<2 {
                lanes.wait(
                    LegWish(caseID: "r", legID: "r/\(number)"), in: lane)
            }
        }
        var taken = 0
        while true {
            let wishes = lanes.takeWaiting(atMost: 100)
            if wishes.isEmpty { break }
            taken += wishes.count
        }
        #expect(taken == ProviderLane.waitingAtMost)
    }

    @Test func `answers that come together are recorded together`() async throws {
        let provider = GatedProvider()
        let rig = try await OrchestratorRig(providers: [.stripe: provider])
        let wishes = try await decide(100, by: .stripe, prefix: "r", in: rig)
        try await rig.desk.take(wishes)
        await provider.wait(for: 100)
        let before = rig.database.commitsSoFar
        #expect(before > 0)
        provider.open()
        _ = try await rig.settle()
        #expect(try await states(rig) == [.succeeded: 100])
        // A commit for the answers and one for the confirms; more where they come in several lots.
        #expect(rig.database.commitsSoFar - before <= 40)
    }

    @Test func `an answer is kept while the database is away`() async throws {
        let rig = try await OrchestratorRig(providers: [:])
        let wishes = try await decide(3, by: .stripe, prefix: "r", in: rig)
        let flaky = FlakyDatabase(rig.database)
        let book = CaseBook(
            database: flaky, dispatch: CaseDispatch(), clock: rig.book.clock,
            logger: rig.book.logger)
        let provider = GatedProvider()
        let desk = SettlementDesk(
            book: book, publisher: Recorder(),
            providers: PaymentProviders(byName: [.stripe: provider]), limits: CaseSamples.limits)
        let running = Task { try await desk.run() }
        try await desk.take(wishes)
        await provider.wait(for: 3)
        flaky.isAway = true
        provider.open()
        var failures = 0
        while failures < 2 {
            do { try await desk.record() } catch { failures += 1 }
            await Task.yield()
        }
        #expect(!desk.isIdle)
        flaky.isAway = false
        while !desk.isIdle {
            try await desk.record()
            await Task.yield()
        }
        #expect(try await states(rig) == [.succeeded: 3])
        running.cancel()
    }

    @Test func `a stop waits for the calls under way, and begins none`() async throws {
        let provider = GatedProvider()
        let rig = try await OrchestratorRig(providers: [:])
        let wishes = try await decide(2, by: .stripe, prefix: "r", in: rig)
        let desk = SettlementDesk(
            book: rig.book, publisher: Recorder(),
            providers: PaymentProviders(byName: [.stripe: provider]), limits: CaseSamples.limits)
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup { group in
                group.addTask { try await desk.run() }
                try await desk.take([wishes[0]])
                await provider.wait(for: 1)
                trigger.triggerGracefulShutdown()
                while !desk.isClosed { await Task.yield() }
                try await desk.take([wishes[1]])
                provider.open()
                while !desk.isIdle {
                    try await desk.record()
                    await Task.yield()
                }
                try await group.waitForAll()
            }
        }
        #expect(try await states(rig) == [.succeeded: 1, .planned: 1])
    }
}

extension OutgoingMessage {
    /// As it would be published, as far as handlers look.
    static func sample(_ exchange: String, _ routingKey: String, _ body: [UInt8]) -> Self {
        OutgoingMessage(exchange: exchange, routingKey: routingKey, body: body)
    }
}
