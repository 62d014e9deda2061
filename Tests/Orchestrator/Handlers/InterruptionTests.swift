import AMQP
import Database
import DatabaseSupport
import RefundMessages
import Testing
import WorkerRuntime

@testable import Orchestrator

/// Wherever the handling of a message is cut off, before a statement or between two transactions: all
/// of it is there or nothing, and the message, which comes again, does what it was to do.
@Suite("A crash between any two statements changes nothing", .everyEngine, .timeLimit(.minutes(10)))
struct InterruptionTests {
    @Test(
        "on the way of a refund",
        arguments: [
            ["card_ok", "card_closed"], ["card_pending", "card_reversed"],
            ["card_disputed", "card_5xx"],
        ])
    func refund(_ cards: [String]) async throws {
        let answers = [
            Product.gateway: CaseSamples.gatewayEligible,
            .notifications: CaseSamples.notificationsEligible,
        ]
        let course = try await Course(cards)
        let outcomes = try await course.run(answers: answers)
        let undisturbed = try await OrchestratorRig()
        let expected =
            try await undisturbed.settle(cards: cards[0], cards[1])
            + undisturbed.goOn(seconds: 60)
        #expect(outcomes.last?.status == expected.last?.status)
        #expect(outcomes.last?.lines == expected.last?.lines)
        #expect(outcomes.last?.refund?.amount == expected.last?.refund?.amount)
        let routes = { (outcome: RefundOutcome?) in outcome?.refund?.legs.map(\.route) }
        #expect(routes(outcomes.last) == routes(expected.last))
        #expect(try await course.rig.balance() == undisturbed.balance())
        #expect(course.cuts > 40, "the course was hardly interrupted")
    }

    /// Several transactions, with the call between: each cut is of a refund of its own.
    @Test(
        "while a leg is settled", arguments: ["card_ok", "card_closed", "card_disputed"],
        [false, true])
    func settlement(_ card: String, beginsAtOnce: Bool) async throws {
        let undisturbed = try await OrchestratorRig()
        let expected = try await undisturbed.settle(cards: card, card)
        var point = 0
        var wasCut = true
        while wasCut {
            point += 1
            let rig = try await OrchestratorRig(
                beginsAtOnce: beginsAtOnce, wrap: { InterruptedDatabase($0) })
            let database = try #require(rig.database as? InterruptedDatabase)
            let wishes = try await rig.decide(card: card, beginsAtOnce: beginsAtOnce)
            database.cut(at: point)
            var messages: [OutgoingMessage] = []
            do { messages = try await rig.deliver(together: wishes) } catch is Interrupted {}
            wasCut = database.isCut
            database.cut(at: nil)
            #expect(try await rig.discrepancy() == nil, "at point \(point)")
            messages += try await rig.deliver(together: wishes)
            let outcomes = try await rig.carry(messages) + rig.goOn(seconds: 60)
            #expect(outcomes.last?.status == expected.last?.status, "at point \(point)")
            #expect(outcomes.last?.lines == expected.last?.lines, "at point \(point)")
            #expect(try await rig.balance() == undisturbed.balance(), "at point \(point)")
            #expect(try await rig.discrepancy() == nil, "after point \(point)")
        }
        #expect(point > 10, "the settlement was hardly interrupted")
    }

    @Test("on the way through a review")
    func review() async throws {
        let course = try await Course(["card_ok", "card_ok"], lines: ["g"])
        _ = try await course.run(answers: [.gateway: CaseSamples.gatewayMetered])
        let decision = ReviewDecision(
            requestID: "r-1", lineID: "g", decision: .approve, amount: 128, operator: "kim")
        let decided = try await course.deliver("refund.reviews", "decision", decision.encode())
        let outcomes = try await course.carry(decided)
        #expect(outcomes.last?.refund?.amount == 128)
        #expect(try await course.rig.sandboxCalls() == [1])
    }

    @Test("while operators work an exception off", arguments: ExceptionAction.allCases)
    func exception(_ action: ExceptionAction) async throws {
        let course = try await Course(["card_disputed", "card_ok"])
        _ = try await course.run(
            answers: [
                .gateway: CaseSamples.gatewayEligible,
                .notifications: CaseSamples.notificationsEligible,
            ])
        // A second person, then the wish itself; each under its key.
        for principal in [OrchestratorRig.kim, OrchestratorRig.lee] {
            try await course.act(action, by: principal)
        }
        #expect(try await course.rig.audit().map(\.stage) == [.proposed, .done])
        _ = try await course.rig.goOn(seconds: 60)
        #expect(try await course.rig.balance() == (action == .credit ? 200 : 0))
        #expect(try await course.rig.discrepancy() == nil)
    }
}

/// A refund whose every message is cut off everywhere.
private final class Course {
    private static let tables = [
        "orders", "cases", "claims", "takings", "decisions", "ledger", "exceptions", "proposals",
        "operator_audit",
    ]

    let rig: OrchestratorRig
    private let database: InterruptedDatabase
    private let request: RefundRequest
    private let order: OrderPaid
    private(set) var cuts = 0

    init(_ cards: [String], lines: [String]? = nil) async throws {
        rig = try await OrchestratorRig(wrap: { InterruptedDatabase($0) })
        database = try #require(rig.database as? InterruptedDatabase)
        request = CaseSamples.request(lines: lines)
        var order = CaseSamples.order()
        for (index, card) in cards.enumerated() { order.payments[index].reference = card }
        self.order = order
    }

    /// From the order's facts to rest.
    func run(answers: [Product: LineVerdict]) async throws -> [RefundOutcome] {
        _ = try await deliver("refund.facts", "order", order.encode())
        let opened = try await deliver("refund.requests", "request", request.encode())
        var outcomes = try await carry(opened, answers: answers)
        for _ in 0..<60 {
            rig.clock.advance(seconds: 1)
            outcomes += try await carry(try await rig.news(), answers: answers)
            outcomes += try await carry(try await rig.sweep(), answers: answers)
        }
        return outcomes
    }

    func carry(
        _ messages: [OutgoingMessage], answers: [Product: LineVerdict] = [:]
    ) async throws -> [RefundOutcome] {
        var outcomes: [RefundOutcome] = []
        var queue = messages
        while !queue.isEmpty {
            let message = queue.removeFirst()
            switch message.exchange {
            case "refund.outcomes":
                outcomes.append(try RefundOutcome.decode(message.body))
            case "refund.checks":
                let check = try RefundCheck.decode(message.body)
                guard let verdict = answers[check.product] else { continue }
                let result = CaseSamples.result(check.product, verdict)
                queue += try await deliver(
                    "refund.results", check.product.rawValue, result.encode())
            default:
                queue += try await deliver(message.exchange, message.routingKey, message.body)
            }
        }
        return outcomes
    }

    /// Cuts off the handler's one transaction, and then, as the message comes again, what follows the
    /// confirms too. A settlement goes through as it is: see the test of its own.
    func deliver(
        _ exchange: String, _ routingKey: String, _ body: [UInt8]
    ) async throws -> [OutgoingMessage] {
        guard exchange != "refund.settlements" else {
            return try await rig.deliver(exchange, routingKey, body).messages
        }
        var published: [OutgoingMessage] = []
        let handling = try await survive {
            published = try await rig.handle(exchange, routingKey, body, messageID: "m-1").messages
        }
        #expect(handling.states.count <= 2, "\(exchange): neither all nor nothing")
        var again: [OutgoingMessage] = []
        let confirming = try await survive {
            again = try await rig.deliver(exchange, routingKey, body, messageID: "m-1").messages
        }
        #expect(confirming.states.count <= 2, "\(exchange): the confirms, neither all nor nothing")
        return published + again
    }

    /// An operator's wish that needs a second.
    func act(_ action: ExceptionAction, by principal: Principal) async throws {
        let desk = try rig.exceptionDesk("100")
        let wish = ExceptionDesk.Wish(
            action: action, caseID: "r-1", paymentID: "p-1", note: "checked",
            idempotencyKey: "k-\(principal.name)", by: principal)
        // The wish, and once what follows is confirmed, that it was.
        let wishing = try await survive { _ = try await desk.act(on: wish) }
        #expect(wishing.states.count <= 3, "neither all nor nothing")
    }

    /// The books agree after each cut.
    func survive(_ body: () async throws -> Void) async throws -> Interruptions {
        let course = try await database.interrupt(Self.tables, body) { point in
            let discrepancy = try await rig.discrepancy()
            #expect(discrepancy == nil, "at point \(point)")
        }
        cuts += course.cuts
        return course
    }
}

extension OrchestratorRig {
    /// A refund of both lines by that card as far as what begins its legs: the last result, or what
    /// the settlements are told because of it.
    fileprivate func decide(card: String, beginsAtOnce: Bool) async throws -> [OutgoingMessage] {
        var order = CaseSamples.order()
        for index in order.payments.indices { order.payments[index].reference = card }
        try await deliver("refund.facts", "order", order.encode())
        try await deliver("refund.requests", "request", CaseSamples.request().encode())
        let first = CaseSamples.result(.gateway, CaseSamples.gatewayEligible)
        try await deliver("refund.results", "gateway", first.encode())
        let last = OutgoingMessage(
            exchange: "refund.results", routingKey: "notifications",
            body: CaseSamples.result(.notifications, CaseSamples.notificationsEligible).encode())
        return beginsAtOnce ? [last] : try await deliver(together: [last])
    }

    /// How often each refund was called at the sandbox.
    func sandboxCalls() async throws -> [Int64] {
        try await sandbox.database.read { connection in
            try connection.query("SELECT calls FROM refunds ORDER BY refund_key", [])
                .map { try $0.integer(0) }
        }
    }
}
