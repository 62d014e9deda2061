import AMQP
import Database
import DatabaseSupport
import RefundMessages
import Testing

@testable import Orchestrator

/// Per leg, what is posted and what is held never passes the captured cash, over all requests on an
/// order, whichever instance handles their messages.
@Suite(
    "A hundred requests on one order at once refund no more than was paid", .everyEngine,
    .timeLimit(.minutes(10)))
struct LimitTests {
    private static let requests = 100

    /// Ten lines of 26 on payments of 200 and 60, by those cards.
    private static func order(_ cards: [String]) -> OrderPaid {
        var order = CaseSamples.order()
        order.payments[0].reference = cards[0]
        order.payments[1].reference = cards[1]
        order.lines = (0..<10).map {
            OrderLine(lineID: "l-\($0)", product: .notifications, fee: 26, cash: 26)
        }
        return order
    }

    @Test(arguments: [
        ["card_ok", "card_ok"], ["card_closed", "card_reversed"], ["card_unknown", "card_5xx"],
        ["card_pending", "card_disputed"],
    ])
    func `limits`(_ cards: [String]) async throws {
        let rig = try await OrchestratorRig()
        let rigs = [rig, try await OrchestratorRig(beside: rig)]
        let order = Self.order(cards)
        try await rig.deliver("refund.facts", "order", order.encode())
        try await withThrowingTaskGroup { group in
            for number in 0..<Self.requests {
                group.addTask { try await Self.request(number, in: rigs) }
                group.addTask { try await Self.check(order, in: rig) }
            }
            try await group.waitForAll()
        }
        for _ in 0..<40 {
            rig.clock.advance(seconds: 1)
            _ = try await rig.carry(try await rig.news())
            _ = try await rig.carry(try await rig.sweep())
            _ = try await rig.carry(try await rig.settle())
        }
        try await Self.check(order, in: rig)
        // Every line was refunded, or is held by one request that is in exception.
        let claims = try await rig.database.read {
            try $0.query("SELECT COUNT(*) FROM claims", []).first?.integer(0)
        }
        #expect(claims == 10)
        let taken = try await rig.database.read {
            try $0.query("SELECT CAST(SUM(amount) AS BIGINT) FROM takings", []).first?.integer(0)
        }
        #expect(taken == 260)
    }

    /// One request of three of the lines, or of all, carried to its end; its result comes at once.
    private static func request(_ number: Int, in rigs: [OrchestratorRig]) async throws {
        // Those that ask for all come when little is left, or there would be nothing to quarrel about.
        let asksForAll = number >= requests / 2 && number.isMultiple(of: 5)
        let lines = (0..<3).map { "l-\((number * 7 + $0 * 3) % 10)" }
        var request = CaseSamples.request(lines: asksForAll ? nil : lines)
        request.requestID = "r-\(number)"
        var messages = try await rigs[number % 2].deliver(
            "refund.requests", "request", request.encode()
        ).messages
        while let message = messages.popLast() {
            let rig = rigs[Int.random(in: 0...1)]
            guard message.exchange == "refund.checks" else {
                messages += try await rig.deliver(
                    message.exchange, message.routingKey, message.body
                ).messages
                continue
            }
            let check = try RefundCheck.decode(message.body)
            let result = RefundResult(
                caseID: check.caseID, requestID: check.requestID, orderID: check.orderID,
                product: check.product, revision: 1,
                lines: check.lines.map {
                    LineVerdict(
                        lineID: $0.lineID, verdict: .eligible, code: .eligible, rules: [.ntf1],
                        amount: $0.refundable)
                })
            messages += try await rig.deliver(
                "refund.results", check.product.rawValue, result.encode()
            ).messages
        }
    }

    /// What holds at every moment, on one snapshot.
    private static func check(_ order: OrderPaid, in rig: OrchestratorRig) async throws {
        let (held, posted, settled) = try await rig.database.read { connection in
            (
                try connection.query(
                    "SELECT payment_id, CAST(SUM(amount) AS BIGINT) FROM takings "
                        + "GROUP BY payment_id", []),
                try connection.query(
                    "SELECT leg_id, CAST(SUM(amount) AS BIGINT) FROM ledger WHERE transition = 'decided' "
                        + "GROUP BY leg_id", []),
                try connection.query(
                    "SELECT leg_id, CAST(SUM(CASE transition WHEN 'reversed' THEN -amount "
                        + "ELSE amount END) AS BIGINT) FROM ledger "
                        + "WHERE transition IN ('succeeded', 'credited', 'reversed') "
                        + "GROUP BY leg_id", [])
            )
        }
        for payment in order.payments {
            func sum(_ rows: [SQLRow]) throws -> Int64 {
                try rows.reduce(0) { sum, row in
                    try row.text(0).hasSuffix(payment.paymentID) ? sum + row.integer(1) : sum
                }
            }
            #expect(try sum(held) <= payment.cash)
            #expect(try sum(posted) <= sum(held), "posted is part of what is held")
            #expect(try sum(settled) <= sum(posted))
        }
    }
}
