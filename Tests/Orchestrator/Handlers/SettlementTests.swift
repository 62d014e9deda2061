import AMQP
import Database
import DatabaseSupport
import RefundMessages
import Testing
import WorkerRuntime

@testable import Orchestrator

@Suite("Each sandbox card ends as the contract says", .everyEngine, .timeLimit(.minutes(10)))
struct SettlementTests {
    struct Ending: Sendable, CustomTestStringConvertible {
        var card: String
        var status: RefundOutcome.Status
        var route: RefundOutcome.Leg.Route
        /// Statuses of all outcomes, in order.
        var course: [RefundOutcome.Status]
        /// On the account's balance at the end, minor units.
        var balance: Int64 = 0
        var testDescription: String { card }
    }

    static let endings: [Ending] = [
        Ending(card: "card_ok", status: .refunded, route: .original, course: [.refunded]),
        Ending(card: "anything", status: .refunded, route: .original, course: [.refunded]),
        Ending(
            card: "card_closed", status: .refunded, route: .balance, course: [.refunded],
            balance: 160),
        Ending(
            card: "card_pending", status: .refunded, route: .original,
            course: [.settling, .refunded]),
        Ending(
            card: "card_fails_later", status: .refunded, route: .balance,
            course: [.settling, .refunded], balance: 160),
        Ending(
            card: "card_reversed", status: .refunded, route: .balance,
            course: [.refunded, .refunded], balance: 160),
        Ending(card: "card_timeout", status: .refunded, route: .original, course: [.refunded]),
        Ending(card: "card_5xx", status: .refunded, route: .original, course: [.refunded]),
        Ending(card: "card_429", status: .refunded, route: .original, course: [.refunded]),
        Ending(
            card: "card_disputed", status: .settlementException, route: .original,
            course: [.settlementException]),
        Ending(
            card: "card_unknown", status: .settlementException, route: .original,
            course: [.settlementException]),
    ]

    @Test(arguments: endings, [false, true])
    func `GEN-4 GEN-5 the card decides the way`(
        _ ending: Ending, beginsAtOnce: Bool
    ) async throws {
        let rig = try await OrchestratorRig(beginsAtOnce: beginsAtOnce)
        var order = CaseSamples.order()
        order.payments = [
            OrderPayment(
                paymentID: "p-1", provider: .sandbox, reference: ending.card, method: "card",
                cash: 260)
        ]
        try await rig.deliver("refund.facts", "order", order.encode())
        let opened = try await rig.deliver(
            "refund.requests", "request", CaseSamples.request(lines: ["g"]).encode())
        var outcomes = try await rig.carry(
            opened.messages, answers: [.gateway: CaseSamples.gatewayEligible])
        for _ in 0..<60 {
            rig.clock.advance(seconds: 1)
            outcomes += try await rig.carry(try await rig.news())
            outcomes += try await rig.carry(try await rig.sweep())
        }
        #expect(outcomes.map(\.status) == ending.course)
        #expect(outcomes.map(\.revision) == Array(1...Int64(ending.course.count)))
        #expect(outcomes.last?.refund?.legs.map(\.route) == [ending.route])
        let (balances, payable) = try await rig.database.read { connection in
            (
                try Ledger.balances(of: "a-1", in: connection).map(\.balance),
                try Ledger.payable(in: connection).map(\.amount)
            )
        }
        #expect(balances == (ending.balance == 0 ? [] : [ending.balance]))
        #expect(payable == [ending.status == .settlementException ? 160 : 0])
    }

    @Test func `a payment from the balance is refunded there, as the original way`() async throws {
        let rig = try await OrchestratorRig()
        var order = CaseSamples.order()
        order.payments = [
            OrderPayment(
                paymentID: "p-1", provider: .balance, reference: "b", method: "balance", cash: 260)
        ]
        try await rig.deliver("refund.facts", "order", order.encode())
        let opened = try await rig.deliver(
            "refund.requests", "request", CaseSamples.request(lines: ["g"]).encode())
        let outcomes = try await rig.carry(
            opened.messages, answers: [.gateway: CaseSamples.gatewayEligible])
        #expect(outcomes.last?.refund?.legs.map(\.route) == [.original])
        let balances = try await rig.database.read { try Ledger.balances(of: "a-1", in: $0) }
        #expect(balances.map(\.balance) == [160])
    }

    @Test func `a provider that is not configured is an exception`() async throws {
        let rig = try await OrchestratorRig()
        var order = CaseSamples.order()
        order.payments = [
            OrderPayment(
                paymentID: "p-1", provider: .stripe, reference: "ch_1", method: "card", cash: 260)
        ]
        try await rig.deliver("refund.facts", "order", order.encode())
        let opened = try await rig.deliver(
            "refund.requests", "request", CaseSamples.request(lines: ["g"]).encode())
        let outcomes = try await rig.carry(
            opened.messages, answers: [.gateway: CaseSamples.gatewayEligible])
        #expect(outcomes.map(\.status) == [.settlementException])
    }

    @Test func `a settle message that comes again while the call is under way calls nobody`()
        async throws
    {
        let rig = try await OrchestratorRig()
        var order = CaseSamples.order()
        order.payments[0].reference = "card_unknown"
        try await rig.deliver("refund.facts", "order", order.encode())
        let opened = try await rig.deliver(
            "refund.requests", "request", CaseSamples.request(lines: ["g"]).encode())
        _ = try await rig.carry(
            opened.messages, answers: [.gateway: CaseSamples.gatewayEligible])
        let settle = SettleLeg(caseID: "r-1", legID: "r-1/p-1").encode()
        try await rig.deliver("refund.settlements", "leg", settle)
        let calls = try await rig.sandbox.database.read { connection in
            try SandboxRefund.find(["r-1/p-1"], in: connection)["r-1/p-1"]?.calls
        }
        #expect(calls == 1)
    }
}

@Suite(
    "Orders change only where no refund stands against it", .everyEngine, .timeLimit(.minutes(10)))
struct OrderVersionTests {
    private func change(
        _ change: (inout OrderPaid) -> Void, afterRequest: Bool = true
    ) async throws -> String? {
        let rig = try await OrchestratorRig()
        try await rig.deliver("refund.facts", "order", CaseSamples.order().encode())
        if afterRequest {
            let opened = try await rig.deliver(
                "refund.requests", "request", CaseSamples.request(lines: ["g"]).encode())
            _ = try await rig.carry(
                opened.messages, answers: [.gateway: CaseSamples.gatewayEligible])
        }
        var newer = CaseSamples.order()
        newer.version = 2
        change(&newer)
        return try await rig.deliver("refund.facts", "order", newer.encode()).disposition.reason
    }

    static let changes: [(name: String, change: @Sendable (inout OrderPaid) -> Void)] = [
        ("account", { $0.accountID = "a-2" }), ("paidAt", { $0.paidAt.seconds += 1 }),
        ("currency", { $0.currency = "EUR" }), ("promotion", { $0.promotion = "promo" }),
        ("line changed", { $0.lines[0].fee += 1 }),
        (
            "line dropped",
            {
                $0.lines.removeFirst(); $0.payments[0].cash = 40
            }
        ),
        (
            "payment lowered",
            {
                $0.payments[0].cash = 159; $0.payments[1].cash = 101
            }
        ),
    ]

    @Test(arguments: changes.indices)
    func `a version that contradicts a refund is a dead letter`(_ index: Int) async throws {
        let change = Self.changes[index]
        #expect(
            try await self.change(change.change) == "conflicts_with_refund", "\(change.name)")
        #expect(try await self.change(change.change, afterRequest: false) == nil, "\(change.name)")
    }

    @Test func `another line may change beside a refund`() async throws {
        #expect(try await change { $0.lines[1].fee = 300 } == nil)
    }

    @Test func `a version that is not higher is ignored`() async throws {
        #expect(
            try await change {
                $0.version = 1; $0.accountID = "a-2"
            } == nil)
    }
}

@Suite("A decision takes effect once", .everyEngine, .timeLimit(.minutes(10)))
struct DecisionHandlerTests {
    @Test func `the message that took effect is ignored when it comes again, others are refused`()
        async throws
    {
        let rig = try await OrchestratorRig()
        try await rig.deliver("refund.facts", "order", CaseSamples.order().encode())
        let opened = try await rig.deliver(
            "refund.requests", "request", CaseSamples.request(lines: ["g"]).encode())
        let reviewed = try await rig.carry(
            opened.messages, answers: [.gateway: CaseSamples.gatewayMetered])
        #expect(reviewed.map(\.status) == [.inReview])
        let body = ReviewDecision(
            requestID: "r-1", lineID: "g", decision: .approve, amount: 128, operator: "kim"
        ).encode()
        let first = try await rig.deliver("refund.reviews", "decision", body, messageID: "d-1")
        #expect(try await rig.carry(first.messages).last?.refund?.amount == 128)
        let again = try await rig.deliver("refund.reviews", "decision", body, messageID: "d-1")
        #expect(again.disposition == .done)
        let other = try await rig.deliver("refund.reviews", "decision", body, messageID: "d-2")
        #expect(other.disposition.reason == "not_in_review")
    }
}

@Suite("Outcomes have no gap in their revisions", .everyEngine, .timeLimit(.minutes(10)))
struct OutcomeRevisionTests {
    @Test func `every outcome of several events in one batch goes out`() async throws {
        let rig = try await OrchestratorRig()
        var order = CaseSamples.order()
        order.payments[0].reference = "card_reversed"
        order.payments[1].reference = "card_pending"
        try await rig.deliver("refund.facts", "order", order.encode())
        let opened = try await rig.deliver(
            "refund.requests", "request", CaseSamples.request().encode())
        var outcomes = try await rig.carry(
            opened.messages,
            answers: [
                .gateway: CaseSamples.gatewayEligible,
                .notifications: CaseSamples.notificationsEligible,
            ])
        rig.clock.advance(seconds: 3)
        let notices = try await rig.news()
        #expect(notices.count == 2)
        outcomes += try await rig.carry(try await rig.deliver(together: notices))
        #expect(outcomes.map(\.revision) == Array(1...Int64(outcomes.count)))
        #expect(outcomes.last?.status == .refunded)
        #expect(outcomes.count == 3)
    }
}
