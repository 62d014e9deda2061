import Database
import RefundMessages
import RefundService

/// Recomputes everything that money depends on, page by page: each page is one consistent snapshot of
/// at most ``pageRows`` rows, and whatever a page compares is written in one transaction. So the memory is
/// bounded, and the system may run meanwhile.
struct LedgerVerifier: Sendable {
    /// Cases, postings or orders of one page.
    static let pageRows: Int64 = 500

    let database: any Database
    var rows = Self.pageRows

    /// What is looked at, in this order.
    enum Phase: String, Sendable, Hashable, CaseIterable {
        /// Each case: its legs and their postings, what it takes, claims and has in exception.
        case cases
        /// Each posting has its case; so has what is taken, and what is claimed.
        case postings, takings, claims
        /// Each order: what is taken from a payment is at most its cash.
        case orders
        /// The balances are the sums of the postings.
        case balances

        fileprivate var next: Phase? {
            Self.allCases.drop { $0 != self }.dropFirst().first
        }
    }

    /// Where the next page begins.
    struct Place: Sendable, Hashable {
        var phase: Phase
        /// The key after which it begins; empty at the start.
        var after = ""
    }

    /// What a page found.
    struct Page: Sendable, Hashable {
        var phase: Phase
        /// Rows looked at.
        var checked: Int
        /// Nil after the last.
        var next: Place?
        var discrepancy: LedgerDiscrepancy?
        var sums: [Sum] = []
    }

    /// Of the whole ledger, in one currency, minor units.
    struct Sum: Sendable, Hashable {
        var currency: String
        /// On the customers' balances.
        var balances: Int64
        /// Decided, and not settled.
        var payable: Int64
    }

    /// The rows of a page, and the key of the last.
    struct Found {
        var checked: Int
        var last: String?
        var sums: [Sum] = []
    }

    func page(_ place: Place) async throws -> Page {
        try await database.read { connection in
            do throws(any Error) {
                let found = try check(place, connection)
                let isFull = found.checked == Int(rows)
                let after =
                    isFull
                    ? found.last.map { Place(phase: place.phase, after: $0) }
                    : place.phase.next.map { Place(phase: $0) }
                return Page(
                    phase: place.phase, checked: found.checked, next: after, sums: found.sums)
            } catch let discrepancy as LedgerDiscrepancy {
                return Page(phase: place.phase, checked: 0, discrepancy: discrepancy)
            }
        }
    }

    /// The pages from there to the end of the phase, or as many as begin within that time, as one.
    func pages(from place: Place, within time: Duration) async throws -> Page {
        let end = ContinuousClock.now + time
        var found = try await page(place)
        while let next = found.next, next.phase == found.phase, ContinuousClock.now < end {
            var more = try await page(next)
            more.checked += found.checked
            found = more
        }
        return found
    }

    private func check(_ place: Place, _ connection: any SQLConnection) throws -> Found {
        switch place.phase {
        case .cases: try checkCases(after: place.after, connection)
        case .postings: try checkPostings(after: place.after, connection)
        case .takings: try checkTakings(after: place.after, connection)
        case .claims: try checkClaims(after: place.after, connection)
        case .orders: try checkOrders(after: place.after, connection)
        case .balances: try checkBalances(connection)
        }
    }
}

extension LedgerVerifier.Phase: JSONWritable {}

extension LedgerVerifier.Page: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("phase", phase)
            json.field("checked", checked)
            json.field("next", next)
            json.field("discrepancy", discrepancy)
            json.field("sums", sums)
        }
    }
}

extension LedgerVerifier.Place: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("phase", phase)
            json.field("after", after)
        }
    }
}

extension LedgerVerifier.Sum: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("currency", currency)
            json.field("balances", balances)
            json.field("payable", payable)
        }
    }
}
