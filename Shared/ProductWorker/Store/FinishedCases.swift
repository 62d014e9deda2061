import Database
import RefundMessages
import RefundService

/// The cases that have their final outcome, remembered for a while: a check that comes again after
/// it must not hold anything.
struct FinishedCases {
    /// For how long: longer than a check can be on its way through the retries, which take a day.
    static let memorySeconds: Int64 = 2 * 24 * 3600
    /// Forgotten in one sweep, at most.
    static let sweepLimit: Int64 = 1_000

    let connection: any SQLConnection

    private static let remember = RowStatement.insert(
        into: "finished", ["case_id": .text, "finished_at": .integer],
        "ON CONFLICT (case_id) DO NOTHING")
    private static let find = RowStatement.select(
        "1", from: "finished", where: "case_id = $1", .text)

    /// Remembers those cases.
    func insert(_ caseIDs: some Sequence<String>, now: Instant) throws {
        try connection.execute(
            Self.remember,
            Set(caseIDs).sorted().map { [.text($0), .integer(now.milliseconds)] })
    }

    /// Those of the cases that are finished.
    func among(_ caseIDs: [String]) throws -> Set<String> {
        let rows = try connection.query(Self.find, caseIDs.map { [.text($0)] })
        return Set(zip(caseIDs, rows).lazy.filter { !$1.isEmpty }.map { $0.0 })
    }

    /// Whether there is something to forget.
    func hasForgettable(now: Instant) throws -> Bool {
        try !connection.query(
            "SELECT 1 FROM finished WHERE finished_at < $1 LIMIT 1", [.integer(limit(now))]
        ).isEmpty
    }

    /// Forgets what is older than the memory.
    func forget(now: Instant) throws {
        try connection.execute(
            """
            DELETE FROM finished WHERE case_id IN (
                SELECT case_id FROM finished WHERE finished_at < $1
                ORDER BY finished_at, case_id LIMIT $2\(connection.forUpdate))
            """,
            [.integer(limit(now)), .integer(Self.sweepLimit)])
    }

    private func limit(_ now: Instant) -> Int64 {
        now.advanced(bySeconds: -Self.memorySeconds).milliseconds
    }
}
