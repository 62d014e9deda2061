import RefundMessages
import TestSupport
import Testing

/// What money went where: by the sandbox's own records, by the ledger, and by what was expected.
struct Books {
    /// A refund as the provider has it: its payment's reference, amount and status.
    struct Refund: Hashable {
        var payment: String
        var amount: Int64
        var status: String
    }

    /// A leg that must have been settled once.
    private struct Expected {
        var legID: String
        var payment: String
        var leg: Scenario.Leg
        var account: String
        /// How often the ledger must show each transition: one of these.
        var histories: [[String: Int]]
    }

    private let system: RefundSystem
    private let expected: [Expected]

    init(_ system: RefundSystem, of scenarios: [Scenario]) {
        self.system = system
        expected = scenarios.flatMap { scenario in
            scenario.ending.legs.map { leg in
                let payment = scenario.order.payments.first { $0.paymentID == leg.paymentID }
                let reference = payment?.reference ?? ""
                return Expected(
                    legID: "\(scenario.id)/\(leg.paymentID)", payment: reference, leg: leg,
                    account: scenario.order.accountID,
                    histories: Self.histories(reference, leg.route))
            }
        }
    }

    private static func histories(
        _ reference: String, _ route: RefundOutcome.Leg.Route
    ) -> [[String: Int]] {
        let plain = ["decided": 1, route == .original ? "succeeded" : "credited": 1]
        guard reference.hasPrefix("card_reversed") else { return [plain] }
        // Who is killed between the call and its answer first hears of the failure.
        return [["decided": 1, "succeeded": 1, "reversed": 1, "credited": 1], plain]
    }

    /// Records an issue for whatever does not add up.
    func check() async throws {
        try await checkProvider()
        try await checkLedger()
        try await checkAPI()
    }

    /// Each leg was asked for once, under one key, in full; and nothing else was.
    private func checkProvider() async throws {
        let refunds = try await system.query(
            "sandbox",
            "SELECT payment_reference, amount, COALESCE(status, 'none') FROM refunds"
        ).map { Refund(payment: $0[0], amount: Int64($0[1]) ?? -1, status: $0[2]) }
        let wanted = expected.map {
            Refund(
                payment: $0.payment, amount: $0.leg.amount,
                status: $0.leg.route == .original ? "succeeded" : "expired_or_canceled_card")
        }
        #expect(refunds.count == wanted.count)
        let differences = Set(refunds).symmetricDifference(wanted)
        #expect(differences.isEmpty, "\(differences.prefix(5))")
        let paid = refunds.filter { $0.status == "succeeded" }.map(\.amount).reduce(0, +)
        #expect(paid == sum(.original))
    }

    /// Each transition of each leg is posted once, with the leg's amount.
    private func checkLedger() async throws {
        let postings = try await system.query(
            "orchestrator", "SELECT leg_id, transition, amount FROM ledger"
        ).map { (leg: $0[0], transition: $0[1], amount: Int64($0[2])) }
        var known: [String: [String: Int]] = [:]
        for posting in postings {
            known[posting.leg, default: [:]][posting.transition, default: 0] += 1
        }
        let amounts = Dictionary(uniqueKeysWithValues: expected.map { ($0.legID, $0.leg.amount) })
        let wrong = expected.filter { !$0.histories.contains(known[$0.legID] ?? [:]) }
        #expect(wrong.isEmpty, "\(wrong.prefix(5).map { ($0.legID, known[$0.legID] ?? [:]) })")
        #expect(known.count == expected.count)
        #expect(postings.allSatisfy { amounts[$0.leg] == $0.amount })

        let balances = try await system.query(
            "orchestrator",
            """
            SELECT account, SUM(amount) FROM (
                SELECT credit AS account, amount FROM ledger
                UNION ALL SELECT debit, -amount FROM ledger) AS entries
            WHERE account LIKE 'customer:%' GROUP BY account
            """
        ).map { (account: $0[0], balance: Int64($0[1]) ?? .min) }
        let credited = Dictionary(
            expected.filter { $0.leg.route == .balance }
                .map { ("customer:\($0.account)", $0.leg.amount) }, uniquingKeysWith: +)
        #expect(
            Dictionary(uniqueKeysWithValues: balances.map { ($0.account, $0.balance) }) == credited)
        #expect(balances.map(\.balance).reduce(0, +) == sum(.balance))
    }

    /// What the API tells: nothing is owed, in any currency.
    private func checkAPI() async throws {
        let orchestrator = try #require(system.processes(.orchestrator).first)
        let answer = try await orchestrator.get("/v1/ledger/check")
        #expect(answer.status == 200)
        let amounts = answer.body.matches(of: /"amount":(-?[0-9]+)/).map(\.output.1)
        #expect(!amounts.isEmpty)
        #expect(amounts.allSatisfy { $0 == "0" }, "\(answer.body)")
    }

    private func sum(_ route: RefundOutcome.Leg.Route) -> Int64 {
        expected.filter { $0.leg.route == route }.map(\.leg.amount).reduce(0, +)
    }
}
