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
        do {
            try await drive(ids)
        } catch let fault where ids.count > 1 && !fault.isPassing {
            // One case that cannot be read must not keep the others standing.
            for id in ids { try await driveAlone(id) }
        }
        return ids.count == Int(Self.batch)
    }

    private func driveAlone(_ id: String) async throws {
        do {
            try await drive([id])
        } catch let fault where !fault.isPassing {
            book.logger.error(
                "a case cannot be driven on",
                metadata: ["request_id": .string(id), "error": .string("\(fault)")])
        }
    }

    private func drive(_ ids: [String]) async throws {
        let handled = try await book.handle { session in
            // Another instance may have taken some up since they were read.
            try session.load(cases: ids, dueBy: session.now)
            try session.postpone(ids, redrive: CaseBook.redriveSeconds)
            try session.listExceptions(of: session.cases.values)
            return CaseBook.Changes(dispositions: [], touched: Set(ids), sendsChecks: true)
        }
        let outcomes = try await publisher.publish(handled.messages)
        let refused = outcomes.indices.filter { outcomes[$0] != .confirmed }
        try await handled.afterConfirm?(Set(refused))
    }
}

extension Error {
    /// Whether the same again may work: the database or the broker is away.
    var isPassing: Bool {
        switch self {
        case let error as DatabaseError: error.code == .unavailable || error.code == .storage
        case is MessageFault, is OperatorRefusal: false
        default: true
        }
    }
}
