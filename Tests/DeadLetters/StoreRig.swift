import AMQP
import Database
import DatabaseSupport
import DeadLettersSupport
import RefundMessages
import RefundService
import Synchronization
import TestSupport
import WorkerRuntime

@testable import DeadLetters

/// The service's store on a real database of the test's engine, with a clock that the test moves.
final class StoreRig: Sendable {
    static let start = Instant(seconds: Instant.now().seconds)

    let database: any Database
    private let time = Mutex(StoreRig.start)
    private let scratch: StoreScratch

    /// - Parameters:
    ///   - other: another instance, whose database it shares.
    ///   - wrap: what is put around its own.
    init(
        beside other: StoreRig? = nil, wrap: (any Database) -> any Database = { $0 }
    ) async throws {
        scratch = if let other { other.scratch } else { try await StoreScratch() }
        database = wrap(try await scratch.open("store", Schema.migrations))
    }

    var clock: @Sendable () -> Instant { { self.time.withLock { $0 } } }
    func advance(_ seconds: Int64) { time.withLock { $0 = $0.advanced(bySeconds: seconds) } }

    /// Deliveries of the dead-letter queue, as they would come.
    @discardableResult
    func arrive(_ deliveries: [Delivery]) async throws -> ArrivalStore.Result {
        let now = clock()
        return try await database.change {
            try ArrivalStore(connection: $0, now: now, hasWebhook: false).store(deliveries)
        }
    }

    func record(_ id: Int64) async throws -> Record? {
        try await database.read { try Record.load([id], in: $0).first }
    }

    func all(_ filter: RecordFilter = RecordFilter()) async throws -> [Record] {
        try await database.read { connection in
            var records: [Record] = []
            var cursor: Int64?
            repeat {
                let page = try filter.page(.oldest, after: cursor, limit: 50, in: connection)
                records += page.elements
                cursor = page.next
            } while cursor != nil
            return records
        }
    }

    /// Whether the kept counts are what counting says.
    func countsAreRight() async throws -> Bool {
        let records = try await all()
        return try await database.read { connection in
            let summary = try Summary(in: connection)
            var counted: [String: Int64] = [:]
            for record in records {
                counted["\(record.queue ?? "")|\(record.reason)|\(record.state)", default: 0] += 1
            }
            var kept: [String: Int64] = [:]
            for tally in summary.tallies {
                kept["\(tally.queue ?? "")|\(tally.reason)|\(tally.state)"] = tally.count
            }
            var byKind: [String: Int64] = [:]
            for record in records {
                byKind["\(record.fingerprint)|\(record.state)", default: 0] += 1
            }
            let kinds = try KindQuery(state: nil, order: .latest, connection: connection)
                .page(after: nil, limit: 1_000).kinds
            var keptKinds: [String: Int64] = [:]
            for kind in kinds {
                for (state, count) in kind.byState where count > 0 {
                    keptKinds["\(kind.fingerprint)|\(state)"] = count
                }
            }
            return counted == kept && byKind == keptKinds
                && summary.total == Int64(records.count)
        }
    }

    // MARK: - Jobs

    var preparation: JobPreparation { JobPreparation(database: database, clock: clock) }
    var steps: JobSteps { JobSteps(database: database, clock: clock) }

    static let operatorKim = Principal(name: "kim", role: .operator, isProven: true)

    /// A job, prepared and started.
    func job(_ text: String, starts: Bool = true) async throws -> Job {
        let body = Array(text.utf8)
        let request = try JobRequest(body)
        let now = clock()
        let job = try await database.change {
            try JobStore(connection: $0, now: now).make(
                request, body: body, by: Self.operatorKim,
                secret: "00112233445566778899aabbccddeeff"
            ).job
        }
        while try await preparation.advance(job.id) {}
        if starts {
            _ = try await database.change {
                try JobStore(connection: $0, now: now).start(job.id, by: Self.operatorKim)
            }
        }
        return try await load(job.id)
    }

    func load(_ id: Int64) async throws -> Job {
        guard let job = try await database.read({ try Job.load(id, in: $0) }) else {
            throw SupportFailure("no job \(id)")
        }
        return job
    }
}

/// A delivery of the dead-letter queue.
func arrival(
    _ message: OutgoingMessage, redelivered: Bool = false, tag: UInt64 = 1
) -> Delivery {
    Delivery(
        tag: tag, redelivered: redelivered, exchange: message.exchange,
        routingKey: message.routingKey, properties: message.properties, body: message.body)
}

/// A service's word that it processed a replayed message.
func word(_ replay: ReplayID) -> Delivery {
    var properties = MessageProperties()
    properties.type = "refund.replayed.v1"
    properties.headers = FieldTable([("refund-replay", .string(Array(replay.text.utf8)))])
    return Delivery(
        tag: 1, redelivered: false, exchange: "refund.dead-letters", routingKey: "refund.requests",
        properties: properties, body: [])
}
