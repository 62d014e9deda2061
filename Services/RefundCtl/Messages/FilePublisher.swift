import AMQP
import RefundMessages

/// Publishes the lines of a file in confirmed batches, in bounded memory.
struct FilePublisher {
    /// A batch ends at whichever comes first.
    static let maxBatchMessages = 500
    static let maxBatchBytes = 1024 * 1024

    /// A line whose message did not arrive.
    struct Failure: Hashable {
        var line: Int
        /// For people: "returned (312 NO_ROUTE)".
        var reason: String
    }

    /// What came of a file.
    struct Report: Hashable {
        var confirmed = 0
        var failures: [Failure] = []
    }

    typealias Send = ([OutgoingMessage]) async throws -> [PublishOutcome]

    let send: Send
    /// Told after each batch: messages and bytes so far.
    let progress: (_ messages: Int, _ bytes: Int) -> Void
    let now: () -> Instant

    private var batch: [(line: Int, message: OutgoingMessage)] = []
    private var batchBytes = 0
    private(set) var report = Report()

    init(
        send: @escaping Send, now: @escaping () -> Instant = Instant.now,
        progress: @escaping (Int, Int) -> Void = { _, _ in }
    ) {
        self.send = send
        self.now = now
        self.progress = progress
    }

    /// Everything up to the end of the file, or to the first line that is wrong: then what stands
    /// before it was published, and the failure says so. Empty lines are skipped.
    mutating func publish(_ reader: consuming LineReader) async throws -> Report {
        while let bytes = try reader.next() {
            guard bytes.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else {
                continue
            }
            do {
                let line = try MessageLine(bytes)
                batchBytes += line.body.count
                batch.append((reader.number, line.message(at: now())))
            } catch {
                try await flush(reader.readBytes)
                throw CommandFailure(
                    .badInput,
                    "\(reader.name), line \(reader.number): \(error.detail) "
                        + "Published before it: \(report.confirmed).")
            }
            if batch.count >= Self.maxBatchMessages || batchBytes >= Self.maxBatchBytes {
                try await flush(reader.readBytes)
            }
        }
        try await flush(reader.readBytes)
        return report
    }

    private mutating func flush(_ readBytes: Int) async throws {
        let outcomes = try await send(batch.map(\.message))
        for (line, outcome) in zip(batch.map(\.line), outcomes) {
            if let reason = outcome.failureText {
                report.failures.append(Failure(line: line, reason: reason))
            } else {
                report.confirmed += 1
            }
        }
        batch.removeAll(keepingCapacity: true)
        batchBytes = 0
        progress(report.confirmed + report.failures.count, readBytes)
    }
}

extension PublishOutcome {
    /// Nil where the message arrived.
    var failureText: String? {
        switch self {
        case .confirmed: nil
        case .returned(let code, let text): "returned: no queue takes it (\(code) \(text))"
        case .nacked: "refused by the broker (a full queue)"
        case .unconfirmed: "not confirmed: it may or may not have arrived"
        }
    }
}
