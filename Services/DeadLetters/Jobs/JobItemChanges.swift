import Database
import RefundMessages
import RefundService

/// Changes of a job's items, with the job's counts.
struct JobItemChanges {
    let connection: any SQLConnection
    let now: Instant

    /// The job's items of that state, from the first.
    func items(of job: Int64, _ state: JobItem.State, limit: Int64) throws -> [JobItem] {
        try connection.query(
            """
            SELECT \(JobItem.columns) FROM job_items WHERE job_id = $1 AND state = '\(state.rawValue)'
            ORDER BY record_id LIMIT \(limit)
            """, [.integer(job)]
        ).map { try JobItem($0) }
    }

    /// Dead letters that the job sent before that time and heard nothing of; they count as sent now.
    func doubtful(of job: Int64, before time: Int64, limit: Int64) throws -> [Int64] {
        let records = try connection.query(
            """
            SELECT record_id FROM job_items
            WHERE job_id = $1 AND state = 'sending' AND changed_at <= $2
            ORDER BY record_id LIMIT \(limit)
            """, [.integer(job), .integer(time)]
        ).map { try $0.integer(0) }
        try connection.executeEach(
            "UPDATE job_items SET changed_at = $3 WHERE job_id = $1 AND record_id = $2",
            records.map { [.integer(job), .integer($0), .instant(now)] })
        return records
    }

    /// Moves those that are still in `from`; the others were moved by what was heard of them.
    func move(
        _ items: [(record: Int64, problem: String?)], of job: Int64, from: JobItem.State,
        to: JobItem.State
    ) throws {
        guard !items.isEmpty else { return }
        let moved = try connection.executeEach(
            """
            UPDATE job_items SET state = $3, problem = $4, changed_at = $5
            WHERE job_id = $1 AND record_id = $2 AND state = '\(from.rawValue)'
            """,
            items.map {
                [
                    .integer(job), .integer($0.record), .text(to.rawValue), .plain($0.problem),
                    .instant(now),
                ]
            }
        ).reduce(0, +)
        try connection.execute(
            """
            UPDATE jobs SET \(from.rawValue) = \(from.rawValue) - $2, \(to.rawValue) = \(to.rawValue) + $2
            WHERE id = $1
            """, [.integer(job), .integer(Int64(moved))])
    }
}
