import GRDB
import RefundMessages
import StripePeer
import TestSupport
import Testing

/// Compares what we say with what the provider knows, leg by leg.
struct StripeBooksCheck {
    /// How a leg stands.
    enum Standing: String, Hashable, CaseIterable {
        case paid, credited, exception, open
    }

    let stripe: StripeSystem
    let cases: [StripeCase]

    /// How a request's leg stands by its latest outcome.
    func standing(_ one: StripeCase) -> Standing {
        guard let outcome = stripe.system.messages.latest(of: one.id) else { return .open }
        switch outcome.status {
        case .refunded: return outcome.refund?.legs.first?.route == .balance ? .credited : .paid
        case .settlementException: return .exception
        default: return .open
        }
    }

    /// The legs that are not where they must come to by the provider's own books.
    func unsettled(_ books: StripeBooks) -> [StripeCase] {
        cases.filter { one in
            let refunds = books.refunds(ofLeg: one.leg.id)
            switch standing(one) {
            case .open: return true
            case .exception: return false
            case .paid: return !refunds.contains { $0.status == .succeeded }
            case .credited: return refunds.contains { $0.status.isOut }
            }
        }
    }

    /// How many legs are neither final nor in exception, or do not agree with the provider, after so
    /// many seconds at the latest.
    func unsettled(after seconds: Double) async -> Int {
        var left = cases.count
        _ = await eventually(within: seconds) {
            left = unsettled(await stripe.proxy.books).count
            return left == 0
        }
        return left
    }

    /// Waits until every leg is final or in exception, and agrees with the provider.
    func waitUntilSettled(within seconds: Double) async throws {
        var left: [StripeCase] = []
        let came = await eventually(within: seconds) {
            left = unsettled(await stripe.proxy.books)
            return left.isEmpty
        }
        guard came else {
            let examples = try left.prefix(5).map { one in
                let latest = stripe.system.messages.latest(of: one.id)
                return
                    "\(one.id) (\(one.leg.fate)) is \(latest?.status.rawValue ?? "without outcome")"
                    + " at revision \(latest?.revision ?? 0), stored as \(try stored(one))"
            }
            throw SupportFailure(
                "\(left.count) of \(cases.count) legs are not settled after \(seconds) s: "
                    + examples.joined(separator: "; "))
        }
    }

    /// The row of a case, for whoever looks for a fault.
    private func stored(_ one: StripeCase) throws -> String {
        try stripe.system.rows(
            stripe.system.database(.orchestrator),
            """
            SELECT phase || ' revision ' || revision || ' confirmed ' || confirmed || ' due '
                || COALESCE(due_at, 'never') || ' now ' || (unixepoch() * 1000) || ' '
                || CAST(state AS TEXT) FROM cases WHERE case_id = '\(one.id)'
            """
        ) { $0[0] as String }.first ?? "nothing"
    }

    /// Records an issue for whatever does not add up; prints how the legs stand.
    func check() async throws {
        let books = await stripe.proxy.books
        var sums: [Standing: Int64] = [:]
        var counts: [Standing: Int] = [:]
        var out: Int64 = 0
        for one in cases {
            let refunds = books.refunds(ofLeg: one.leg.id).filter { $0.status.isOut }
            let standing = standing(one)
            counts[standing, default: 0] += 1
            sums[standing, default: 0] += one.leg.amount
            #expect(refunds.count <= 1, "\(one.id) was paid twice: \(refunds.map(\.id))")
            #expect(refunds.allSatisfy { $0.amount == one.leg.amount }, "\(one.id)")
            switch standing {
            case .paid: #expect(refunds.first?.status == .succeeded, "\(one.id) was not paid")
            case .credited: #expect(refunds.isEmpty, "\(one.id) was credited and paid")
            case .exception, .open: break
            }
            if standing != .exception { out += refunds.map(\.amount).reduce(0, +) }
        }
        #expect(out == sums[.paid, default: 0])
        #expect(counts[.open] == nil)
        // Nothing but what was decided, and each key once.
        let known = Set(cases.map(\.leg.id))
        let ours = books.refunds.values.filter { $0.key != nil }
        #expect(ours.allSatisfy { known.contains($0.metadata["leg_id"] ?? "") })
        #expect(Set(ours.compactMap(\.key)).count == ours.count)
        for charge in books.charges.values { #expect(charge.out <= charge.amount) }
        #expect(try await stripe.proxy.refundsAtPeer() == books.refunds.count)
        try checkBalances(sums[.credited, default: 0])
        print(
            "legs:", counts.map { "\($0.value) \($0.key)" }.sorted().joined(separator: ", "),
            "of \(cases.count); money decided \(sums.values.reduce(0, +)), out \(out), "
                + "credited \(sums[.credited, default: 0]), held in exception "
                + "\(sums[.exception, default: 0])")
    }

    /// What the customers' balances show is what was credited, account by account.
    private func checkBalances(_ credited: Int64) throws {
        let balances = try stripe.system.rows(
            stripe.system.database(.orchestrator),
            """
            SELECT account, SUM(amount) FROM (
                SELECT credit AS account, amount FROM ledger
                UNION ALL SELECT debit, -amount FROM ledger)
            WHERE account LIKE 'customer:%' GROUP BY account
            """
        ) { (account: $0[0] as String, balance: $0[1] as Int64) }.filter { $0.balance != 0 }
        let expected = Dictionary(
            cases.filter { standing($0) == .credited }
                .map { ("customer:\($0.order.accountID)", $0.leg.amount) }, uniquingKeysWith: +)
        #expect(
            Dictionary(balances.map { ($0.account, $0.balance) }, uniquingKeysWith: +) == expected)
        #expect(balances.map(\.balance).reduce(0, +) == credited)
    }
}
