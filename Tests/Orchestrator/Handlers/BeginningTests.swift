import AMQP
import Database
import DatabaseSupport
import RefundMessages
import ServiceLifecycle
import ServiceLifecycleTestKit
import Testing
import WorkerRuntime

@testable import Orchestrator

@Suite("A leg is begun by what makes it due", .everyEngine, .timeLimit(.minutes(10)))
struct BeginningTests {
    /// Cases `r-…` of one line over one payment, as far as their checks.
    private func open(_ count: Int, in rig: OrchestratorRig) async throws {
        _ = try await rig.deliver(
            together: (0..<count).map { number in
                var order = CaseSamples.order()
                order.orderID = "o-\(number)"
                order.payments = [
                    OrderPayment(
                        paymentID: "p-1", provider: .stripe, reference: "ch_\(number)",
                        method: "card", cash: 260)
                ]
                return .sample("refund.facts", "order", order.encode())
            })
        _ = try await rig.deliver(
            together: (0..<count).map { number in
                var request = CaseSamples.request(lines: ["g"])
                (request.requestID, request.orderID) = ("r-\(number)", "o-\(number)")
                return .sample("refund.requests", "request", request.encode())
            })
    }

    /// What is published when the results of those cases come, while nobody records answers.
    private func decide(
        _ numbers: Range<Int>, revision: Int64 = 1, in rig: OrchestratorRig
    ) async throws -> [OutgoingMessage] {
        let handler = try #require(rig.handlers["refund.results"])
        let handled = try await handler.handle(
            numbers.map { number in
                let result = RefundResult(
                    caseID: "r-\(number)", requestID: "r-\(number)", orderID: "o-\(number)",
                    product: .gateway, revision: revision, lines: [CaseSamples.gatewayEligible])
                return Incoming(.sample("refund.results", "gateway", result.encode()))
            })
        return handled.messages
    }

    private func rig(_ provider: GatedProvider) async throws -> OrchestratorRig {
        try await OrchestratorRig(providers: [.stripe: provider], beginsAtOnce: true)
    }

    private func paid(_ rig: OrchestratorRig) async throws -> Int64 {
        try await rig.database.read {
            try $0.query("SELECT COUNT(*) FROM ledger WHERE transition = 'succeeded'", [])[0]
                .integer(0)
        }
    }

    @Test func `the call follows the result, with no message between`() async throws {
        let provider = GatedProvider()
        let rig = try await rig(provider)
        try await open(3, in: rig)
        #expect(try await decide(0..<3, in: rig).isEmpty)
        await provider.wait(for: 3)
        provider.open()
        #expect(
            try await rig.settle().map(\.exchange) == Array(repeating: "refund.outcomes", count: 3))
        #expect(try await paid(rig) == 3)
    }

    @Test func `what has no room goes out as a message`() async throws {
        let provider = GatedProvider()
        let rig = try await rig(provider)
        let room = ProviderLane.callsAtOnce
        try await open(room + 20, in: rig)
        let beyond = try await decide(0..<(room + 20), in: rig)
        #expect(beyond.map(\.exchange) == Array(repeating: "refund.settlements", count: 20))
        await provider.wait(for: room)
        // They wait for a call.
        _ = try await rig.handlers["refund.settlements"]?.handle(
            beyond.map(Incoming.init))
        provider.open()
        _ = try await rig.settle()
        #expect(try await paid(rig) == Int64(room + 20))
        #expect(provider.most == room)
    }

    @Test func `a call that takes longer than its lease is not made again`() async throws {
        let provider = GatedProvider()
        let rig = try await rig(provider)
        try await open(1, in: rig)
        _ = try await decide(0..<1, in: rig)
        await provider.wait(for: 1)
        rig.clock.advance(seconds: 60)
        let again = try await decide(0..<1, revision: 2, in: rig)
        #expect(again.map(\.exchange) == ["refund.settlements"])
        provider.open()
        _ = try await rig.settle()
        #expect(provider.most == 1)
        #expect(try await paid(rig) == 1)
    }

    @Test func `a process that stops leaves what falls due to the others`() async throws {
        let provider = GatedProvider()
        let rig = try await rig(provider)
        try await open(1, in: rig)
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup { group in
                group.addTask { try await rig.desk.run() }
                trigger.triggerGracefulShutdown()
                while !rig.desk.isClosed { await Task.yield() }
                #expect(try await decide(0..<1, in: rig).map(\.exchange) == ["refund.settlements"])
                try await group.waitForAll()
            }
        }
    }
}
