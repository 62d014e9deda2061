import AMQP
import Database
import DatabaseSupport
import RefundMessages
import Testing
import WorkerRuntime

@testable import Orchestrator

/// Whatever transaction is cut off, and before whichever of its statements: all of it is there or
/// nothing, and the message, which comes again, does what it was to do.
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

/// A refund each of whose transactions is cut off everywhere.
private final class Course {
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

    func deliver(
        _ exchange: String, _ routingKey: String, _ body: [UInt8]
    ) async throws -> [OutgoingMessage] {
        var published: [OutgoingMessage] = []
        try await survive {
            published += try await rig.deliver(exchange, routingKey, body, messageID: "m-1")
                .messages
        }
        return published
    }

    /// An operator's wish that needs a second.
    func act(_ action: ExceptionAction, by principal: Principal) async throws {
        let desk = ExceptionDesk(
            book: rig.book, publisher: Recorder(), limit: try #require(SecondPersonLimit("100")),
            settlement: CaseSamples.limits)
        let wish = ExceptionDesk.Wish(
            action: action, caseID: "r-1", paymentID: "p-1", note: "checked",
            idempotencyKey: "k-\(principal.name)", by: principal)
        try await survive { _ = try await desk.act(on: wish) }
    }

    /// Does it again and again, cut off before each statement in turn, then with its commit done and
    /// nobody told, and at last as it is. The books agree after each.
    func survive(_ body: () async throws -> Void) async throws {
        var statement = 1
        while true {
            database.next = .before(statement: statement)
            do {
                try await body()
                break
            } catch is Interrupted {
                cuts += 1
                statement += 1
            }
            #expect(try await rig.discrepancy() == nil, "before statement \(statement - 1)")
            try #require(statement < 200)
        }
        database.next = .afterCommit
        do {
            try await body()
        } catch is Interrupted {
            cuts += 1
        }
        #expect(try await rig.discrepancy() == nil, "after the commit")
        database.next = nil
        try await body()
    }
}

extension OrchestratorRig {
    /// How often each refund was called at the sandbox.
    func sandboxCalls() async throws -> [Int64] {
        try await sandbox.database.read { connection in
            try connection.query("SELECT calls FROM refunds ORDER BY refund_key", [])
                .map { try $0.integer(0) }
        }
    }
}
