import AMQP
import Foundation
import GRDB
import TestSupport

/// Holds a service's SQLite file for itself, as a long backup or a hanging disk would: the service
/// reads on, and writes nothing.
final class DatabaseLock {
    private let queue: DatabaseQueue

    init(_ path: String) throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(10)
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    }

    func release() throws {
        try queue.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try queue.close()
    }
}

extension RefundSystem {
    /// Rows of a service's SQLite file, beside the running service.
    func rows<Value: Sendable>(
        _ path: String, _ sql: String, _ read: (Row) -> Value
    ) throws -> [Value] {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        return try queue.read { try Row.fetchAll($0, sql: sql).map(read) }
    }

    /// Waits until nothing is ready in those queues. What is being handled still does not count.
    func waitUntilHandled(_ queues: [String], within seconds: Double = 120) async throws {
        for queue in queues {
            let isEmpty = try await eventually(within: seconds) {
                try await client.topology().checkQueue(queue).messages == 0
            }
            guard isEmpty else { throw SupportFailure("the queue \(queue) is not emptied") }
        }
    }
}
