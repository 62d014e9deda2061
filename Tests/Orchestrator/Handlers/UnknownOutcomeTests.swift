import AMQP
import Database
import DatabaseSupport
import RefundMessages
import Testing

@testable import Orchestrator

/// The list, through the real handlers and a real database, with a provider that knows what it
/// really paid.
@Suite("Whatever a provider does, its money and ours agree", .everyEngine, .timeLimit(.minutes(10)))
struct UnknownOutcomeTests {
    typealias Step = ScriptedProvider.Step

    struct Line: Sendable, CustomTestStringConvertible {
        var name: String
        var script: [Step]
        var calls: [Leg.Call]
        /// Keys under which the provider paid.
        var paid: [String] = ["r-1/p-1"]
        var status = RefundOutcome.Status.refunded
        var testDescription: String { name }
    }

    static let lines: [Line] = [
        Line(
            name: "connection refused before sending",
            script: [Step(answer: .notNow(.notSent, retryAfter: nil))],
            calls: [.refund, .refund]),
        Line(
            name: "time-out after sending, paid",
            script: [Step(pays: true, answer: .unknown(.noAnswer))],
            // The repeated call may be answered as of old: the last asks how it is.
            calls: [.refund, .refund, .lookUp]),
        Line(
            name: "reset after sending, not paid",
            script: [Step(answer: .unknown(.noAnswer))],
            calls: [.refund, .refund, .lookUp]),
        Line(
            name: "500 with effect, repeated for its key",
            script: [Step(pays: true, answer: .unknown(.serverError(500)))],
            calls: [.refund, .lookUp]),
        Line(
            name: "500 without effect", script: [Step(answer: .unknown(.serverError(500)))],
            calls: [.refund, .lookUp, .refund, .lookUp]),
        Line(
            name: "500 for ever: an exception, never the balance",
            script: (0..<40).map { _ in Step(answer: .unknown(.serverError(500))) },
            calls: [.refund, .lookUp, .lookUp, .lookUp, .lookUp], paid: [],
            status: .settlementException),
        Line(
            name: "key in use", script: [Step(pays: true, answer: .unknown(.keyInUse))],
            calls: [.refund, .refund, .lookUp]),
        Line(
            name: "too many requests",
            script: [Step(answer: .notNow(.rateLimited, retryAfter: 3))],
            calls: [.refund, .refund]),
        Line(
            name: "a 200 that cannot be read, or has no id",
            script: [Step(pays: true, answer: .unknown(.unreadable))],
            calls: [.refund, .lookUp]),
        Line(
            name: "an empty look-up",
            script: [Step(answer: .unknown(.unreadable)), Step(answer: .notFound)],
            calls: [.refund, .lookUp, .refund, .lookUp]),
        Line(
            name: "already refunded, by our own earlier success",
            script: [
                Step(pays: true, answer: .unknown(.noAnswer)),
                Step(answer: .contested(.alreadyRefunded)),
            ], calls: [.refund, .refund, .lookUp]),
        Line(
            name: "exceeds amount, taken by others",
            script: [
                Step(answer: .contested(.exceedsAmount)),
                Step(answer: .contested(.takenByOthers)),
            ], calls: [.refund, .lookUp], paid: [], status: .settlementException),
        Line(
            name: "exceeds amount, an empty look-up: an exception in the end",
            script: [Step(answer: .contested(.exceedsAmount))],
            calls: [.refund] + [Leg.Call](repeating: .lookUp, count: 4), paid: [],
            status: .settlementException),
        Line(
            name: "insufficient funds of ours: a new key, later",
            script: [Step(answer: .failed(reason: "insufficient_funds", nil))],
            calls: [.refund, .refund], paid: ["r-1/p-1#2"]),
    ]

    @Test(arguments: lines)
    func `each doubt ends with one payout, or none and an exception`(_ line: Line) async throws {
        let provider = ScriptedProvider(line.script)
        var limits = SettlementLimits(budget: 10)
        limits.firstFundsRetry = 5
        let rig = try await OrchestratorRig(limits: limits, providers: [.stripe: provider])
        let outcomes = try await rig.refund(by: .stripe, seconds: 12)
        #expect(outcomes.map(\.status) == [line.status])
        #expect(provider.calls == line.calls)
        #expect(provider.paid.keys.sorted() == line.paid)
        let money = try await rig.money()
        #expect(money.paid == (line.paid.isEmpty ? 0 : 160))
        #expect(money.credited == 0)
        #expect(money.payable == (line.paid.isEmpty ? 160 : 0))
    }

    @Test func `a key older than its retention is only looked up`() async throws {
        let provider = ScriptedProvider([Step(answer: .unknown(.noAnswer))])
        var limits = SettlementLimits(budget: 10)
        limits.keyRetention = 1
        let rig = try await OrchestratorRig(limits: limits, providers: [.stripe: provider])
        let outcomes = try await rig.refund(by: .stripe, seconds: 12)
        #expect(provider.calls.dropFirst().allSatisfy { $0 == .lookUp })
        #expect(provider.calls.count > 2)
        #expect(outcomes.map(\.status) == [.settlementException])
    }

    @Test func `a crash between the provider's success and our commit pays once`() async throws {
        let provider = ScriptedProvider()
        let rig = try await OrchestratorRig(providers: [.stripe: provider])
        let settle = try await rig.decide(by: .stripe)
        // A process that takes the leg, calls, and dies before it records the answer.
        let doomed = SettlementDesk(
            book: rig.book, publisher: Recorder(),
            providers: PaymentProviders(byName: [.stripe: provider]),
            limits: CaseSamples.limits)
        let running = Task { try await doomed.run() }
        try await doomed.take([LegWish(caseID: "r-1", legID: "r-1/p-1")])
        while provider.calls.isEmpty { await Task.yield() }
        running.cancel()
        #expect(provider.paid.count == 1)

        var outcomes = try await rig.carry(settle)
        #expect(outcomes.isEmpty, "its lease holds still")
        outcomes += try await rig.drive(seconds: 60)
        #expect(outcomes.map(\.status) == [.refunded])
        #expect(provider.paid.count == 1)
        #expect(try await rig.money().paid == 160)
    }
}

extension OrchestratorRig {
    /// Decides a refund of 160 on one payment; returns the settle message.
    func decide(by provider: PaymentProviderName) async throws -> [OutgoingMessage] {
        var order = CaseSamples.order()
        order.payments = [
            OrderPayment(
                paymentID: "p-1", provider: provider, reference: "ch_1", method: "card", cash: 260)
        ]
        try await deliver("refund.facts", "order", order.encode())
        try await deliver(
            "refund.requests", "request", CaseSamples.request(lines: ["g"]).encode())
        let result = CaseSamples.result(.gateway, CaseSamples.gatewayEligible)
        return try await deliver("refund.results", "gateway", result.encode()).messages
    }

    /// The same, settled as far as it goes in that time.
    func refund(
        by provider: PaymentProviderName, seconds: Int
    ) async throws -> [RefundOutcome] {
        try await carry(try await decide(by: provider)) + drive(seconds: seconds)
    }

    /// Lets time pass, second by second, and carries what comes of it.
    func drive(seconds: Int) async throws -> [RefundOutcome] {
        var outcomes: [RefundOutcome] = []
        for _ in 0..<seconds {
            clock.advance(seconds: 1)
            outcomes += try await carry(try await sweep())
        }
        return outcomes
    }

    /// Sums over the whole ledger, in minor units.
    func money() async throws -> (paid: Int64, credited: Int64, payable: Int64) {
        try await database.read { connection in
            let rows = try connection.query("SELECT debit, credit, amount FROM ledger", [])
            var sums: [String: Int64] = [:]
            for row in rows {
                let amount = try row.integer(2)
                sums[try row.text(0), default: 0] -= amount
                sums[try row.text(1), default: 0] += amount
            }
            let paid = sums.filter { $0.key.hasPrefix("provider:") }.values.reduce(0, +)
            let credited = sums.filter { $0.key.hasPrefix("customer:") }.values.reduce(0, +)
            return (paid, credited, sums["payable"] ?? 0)
        }
    }
}
