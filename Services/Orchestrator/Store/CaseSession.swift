import Database
import RefundMessages
import RefundService

/// The cases and orders that one batch touches: loaded together, changed in memory, written back
/// together, inside one transaction. Lives only as long as its transaction.
struct CaseSession {
    /// Seconds between two repetitions of what is outstanding, at most.
    static let longestRedrive: Int64 = 1_800

    let connection: any SQLConnection
    let now: Instant
    private(set) var cases: [String: StoredCase] = [:]
    private var orders: [String: StoredOrder] = [:]
    private var transfers: [LedgerTransfer] = []
    /// The outcomes that the changes brought, in order, by case: each goes out, so that revisions have
    /// no gap where one batch holds several events of a case.
    private(set) var outcomes: [String: [RefundOutcome]] = [:]
    private(set) var alerts: [(caseID: String, alert: CaseAlert)] = []

    /// A case with what the database holds of it. A reference: two cases of many fields each are
    /// neither copied when they change nor moved when they are sorted.
    final class StoredCase {
        fileprivate(set) var value: RefundCase
        /// As loaded, nil for a new one.
        let stored: RefundCase?
        let openedAt: Int64

        fileprivate init(value: RefundCase, stored: RefundCase?, openedAt: Int64) {
            self.value = value
            self.stored = stored
            self.openedAt = openedAt
        }
    }

    init(_ connection: any SQLConnection, now: Instant) {
        self.connection = connection
        self.now = now
    }

    /// Loads and locks the cases of those ids that exist; given a time, only those due by then.
    ///
    /// - Important: once, before anything else, in id order, so that two batches never wait for each
    ///   other.
    mutating func load(cases ids: some Sequence<String>, dueBy time: Instant? = nil) throws {
        let missing = Set(ids).filter { cases[$0] == nil }.sorted()
        guard !missing.isEmpty else { return }
        let found =
            if let time {
                try connection.query(
                    CaseStatements.loadDue,
                    missing.map { [.text($0), .integer(time.milliseconds)] })
            } else {
                try connection.query(CaseStatements.load, missing.map { [.text($0)] })
            }
        for (id, rows) in zip(missing, found) {
            guard let row = rows.first else { continue }
            cases[id] = try StoredCase(row)
        }
    }

    /// Loads and locks the orders of those ids that exist, with their claims and takings.
    ///
    /// - Important: after the cases, in id order, so that two batches never wait for each other.
    mutating func load(orders ids: some Sequence<String>) throws {
        let missing = Set(ids).filter { orders[$0] == nil }.sorted()
        guard !missing.isEmpty else { return }
        let arguments = missing.map { [SQLValue.text($0)] }
        let found = try connection.query(CaseStatements.loadOrder, arguments)
        let claims = try connection.query(CaseStatements.loadClaims, arguments)
        let takings = try connection.query(CaseStatements.loadTakings, arguments)
        for index in missing.indices {
            guard let row = found[index].first else { continue }
            orders[missing[index]] = try StoredOrder(
                document: row, claims: claims[index], takings: takings[index])
        }
    }

    func order(_ orderID: String) -> StoredOrder? { orders[orderID] }

    /// Opens a new case; the caller has looked that there is none of that id.
    mutating func open(_ new: RefundCase) {
        let opened = StoredCase(value: new, stored: nil, openedAt: now.milliseconds)
        cases[new.caseID] = opened
        settle(opened)
    }

    /// Changes a loaded case and everything that follows from the change: legs, outcome, claims.
    mutating func update(
        _ caseID: String, _ change: (inout RefundCase) throws -> [CaseEffect]
    ) throws {
        guard let loaded = cases[caseID] else { return }
        // A change that throws leaves the case as it was.
        var value = loaded.value
        for effect in try change(&value) {
            switch effect {
            case .post(let transfer): transfers.append(transfer)
            case .alert(let alert): alerts.append((caseID, alert))
            }
        }
        loaded.value = value
        settle(loaded)
    }

    private mutating func settle(_ loaded: StoredCase) {
        let caseID = loaded.value.caseID
        let orderID = loaded.value.request.orderID
        if loaded.value.needsLegs, let order = orders[orderID] {
            loaded.value.planLegs(order.available(to: caseID))
        }
        let before = loaded.value.outcome
        loaded.value.refreshOutcome()
        if let outcome = loaded.value.outcome, outcome != before {
            outcomes[caseID, default: []].append(outcome)
        }
        orders[orderID]?.note(loaded.value)
    }

    /// Writes everything that changed.
    ///
    /// - Throws: ``Overtaken`` where another instance opened one of the new cases.
    func save(redrive: Int64) throws {
        let changed = cases.values.filter { $0.value != $0.stored }
            .sorted { $0.value.caseID < $1.value.caseID }
        let dueAt = { (loaded: StoredCase) in
            SQLValue.time(loaded.value.due(now: now, redrive: redrive))
        }
        let opened = changed.filter { $0.stored == nil }
        let count = try connection.execute(
            CaseStatements.open, opened.map { $0.changingColumns(dueAt($0)) + $0.others })
        guard count == opened.count else { throw Overtaken() }
        try connection.execute(
            CaseStatements.change,
            changed.filter { $0.stored != nil }.map { $0.changingColumns(dueAt($0)) })
        try saveClaims(of: changed)
        try saveTakings(of: changed)
        try saveExceptions(of: changed)
        try connection.execute(LedgerTransfer.insertion, transfers.map(\.row))
    }

    /// Puts the cases' next look off, so that they are not taken up again at once: by as long again as
    /// the case is old, within bounds, so that a product's worker that is down for hours, or a long
    /// backlog, is not buried under repetitions. Legs keep their own times.
    func postpone(_ caseIDs: [String], redrive: Int64) throws {
        try connection.execute(
            CaseStatements.postpone,
            caseIDs.compactMap { cases[$0] }.map { loaded in
                let age = (now.milliseconds - loaded.openedAt) / 1_000
                let wait = min(max(redrive, age), Self.longestRedrive)
                // What is overdue waits as long again: its provider has no room for it.
                let overdue = loaded.value.legs.compactMap(\.nextAttemptAt).min().map {
                    now.seconds - $0.seconds
                }
                let pause = min(max(redrive, overdue ?? 0), Self.longestRedrive)
                let soonest = now.advanced(bySeconds: pause)
                let due = loaded.value.due(now: now, redrive: wait).map { max($0, soonest) }
                return [.text(loaded.value.caseID), .time(due)]
            })
    }

    private func saveClaims(of changed: [StoredCase]) throws {
        let (removed, written) = Self.differences(changed, \.claims) { .text($0.rawValue) }
        try connection.execute(CaseStatements.unclaim, removed)
        guard try connection.execute(CaseStatements.claim, written) == written.count else {
            throw DatabaseError(.constraint, "a line is claimed by another case")
        }
    }

    private func saveTakings(of changed: [StoredCase]) throws {
        let (removed, written) = Self.differences(changed, \.takings) { .integer($0) }
        try connection.execute(CaseStatements.untake, removed)
        try connection.execute(CaseStatements.take, written)
    }

    /// What of a case's keyed values is gone, and what is new or another: rows of order id, key, case
    /// id, and for the latter the value.
    private static func differences<Value: Equatable>(
        _ changed: [StoredCase], _ values: (RefundCase) -> [String: Value],
        _ column: (Value) -> SQLValue
    ) -> (removed: [[SQLValue]], written: [[SQLValue]]) {
        var removed: [[SQLValue]] = []
        var written: [[SQLValue]] = []
        for loaded in changed {
            let before = loaded.stored.map(values) ?? [:]
            let after = values(loaded.value)
            let orderID = SQLValue.text(loaded.value.request.orderID)
            let caseID = SQLValue.text(loaded.value.caseID)
            for key in before.keys.sorted() where after[key] == nil {
                removed.append([orderID, .text(key), caseID])
            }
            for (key, value) in after.sorted(by: { $0.key < $1.key }) where before[key] != value {
                written.append([orderID, .text(key), caseID, column(value)])
            }
        }
        return (removed, written)
    }
}

extension CaseSession.StoredCase {
    /// From `confirmed, opened_at, state`.
    convenience init(_ row: SQLRow) throws {
        var value = try RefundCase(stored: try row.blob(2))
        value.confirmedRevision = try row.integer(0)
        self.init(value: value, stored: value, openedAt: try row.integer(1))
    }

    /// `case_id, phase, revision, due_at, state`
    fileprivate func changingColumns(_ dueAt: SQLValue) -> [SQLValue] {
        [
            .text(value.caseID), .text(value.phase.rawValue),
            .integer(value.outcome?.revision ?? 0), dueAt, .blob(value.encodeForStore()),
        ]
    }

    /// `order_id, confirmed, opened_at`
    fileprivate var others: [SQLValue] {
        [.text(value.request.orderID), .integer(value.confirmedRevision), .integer(openedAt)]
    }
}

extension SQLValue {
    /// Milliseconds since 1970, or null.
    static func time(_ instant: Instant?) -> SQLValue {
        instant.map { .integer($0.milliseconds) } ?? .null
    }
}
