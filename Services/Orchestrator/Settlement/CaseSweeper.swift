import AMQP
import Database
import Logging
import RefundMessages
import RefundService
import WorkerRuntime

/// Drives on what stands still: legs whose next attempt is due, and cases whose outstanding messages
/// brought nothing back in time (a crash between the commit and the publishing, say).
struct CaseSweeper: Sendable {
    /// Cases taken up in one sweep.
    static let batch: Int64 = 500

    let book: CaseBook
    let publisher: any MessagePublisher

    /// One sweep.
    ///
    /// - Returns: whether there may be more to do at once.
    func sweep() async throws -> Bool {
        let now = book.clock()
        let ids = try await book.database.read { connection in
            try connection.query(
                "SELECT case_id FROM cases WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
                [.integer(now.milliseconds), .integer(Self.batch)]
            ).map { try $0.text(0) }
        }
        guard !ids.isEmpty else { return false }
        let handled = try await book.handle { session in
            try session.load(cases: ids)
            try session.postpone(ids, redrive: CaseBook.redriveSeconds)
            return CaseBook.Changes(dispositions: [], touched: Set(ids))
        }
        let outcomes = try await publisher.publish(handled.messages)
        if outcomes.allSatisfy({ $0 == .confirmed }) { try await handled.afterConfirm?() }
        return ids.count == Int(Self.batch)
    }
}
