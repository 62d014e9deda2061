import AMQP
import Glibc
import Logging
import ServiceLifecycle
import UnixSignals
import WorkerRuntime

/// A worker over the real runtime whose handler is a fake: what a message's body says happens to it.
///
/// `poison-worker URI QUEUE MICROSECONDS JOURNAL` consumes that queue. `crash` ends the process as a
/// trap would, at once and with everything it held; `malformed` is put away; `endless` fails for a
/// passing cause each time; of everything else one message to the exchange `out` follows, with the same
/// body, and with the header `refund-crashes` where it came with one. As a worker of the product does, it commits each batch to disk, once for all of it (here:
/// appends it to the file JOURNAL), and each message costs it MICROSECONDS.
@main
struct PoisonWorker {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let cost = UInt32(arguments[3]),
            case let journal = open(arguments[4], O_WRONLY | O_CREAT | O_APPEND, 0o600),
            journal >= 0
        else {
            print("usage: poison-worker URI QUEUE MICROSECONDS JOURNAL")
            exit(2)
        }
        let logger = Logger(label: "poison-worker") { StreamLogHandler.standardError(label: $0) }
        let broker = Broker(
            try BrokerConfiguration(uri: arguments[1], connectionName: "poison-worker"),
            logger: logger)
        let handler = Handler(cost: cost, journal: journal)
        let consumer = QueueConsumer(
            .init(queue: arguments[2], handler: handler), instance: "poison-worker-\(getpid())",
            broker: broker, logger: logger)
        try await ServiceGroup(
            services: [broker, consumer], gracefulShutdownSignals: [.sigterm], logger: logger
        ).run()
    }

    private struct PassingFailure: Error {}

    private struct Handler: BatchHandler {
        /// Microseconds of a message.
        let cost: UInt32
        let journal: Int32

        func handle(_ batch: [Incoming]) async throws -> Handled {
            var handled = Handled(dispositions: [])
            var lines: [UInt8] = []
            for incoming in batch {
                let body = incoming.delivery.body
                if batch.count == 1 { say("alone", incoming) }
                usleep(cost)
                if body.starts(with: "crash".utf8) { kill(getpid(), SIGKILL) }
                if body.starts(with: "malformed".utf8) {
                    let letter = DeadLetter(reason: "malformed_json", detail: "Not JSON.")
                    handled.dispositions.append(.deadLetter(letter))
                } else if body.starts(with: "endless".utf8) {
                    handled.dispositions.append(.retry(detail: "What it needs is away."))
                } else {
                    handled.dispositions.append(.done)
                    handled.messages.append(done(incoming.delivery))
                    lines += body + [UInt8(ascii: "\n")]
                }
            }
            try commit(lines)
            return handled
        }

        /// For whoever wonders what a process did last.
        private func say(_ what: String, _ incoming: Incoming) {
            let headers = incoming.delivery.properties.headers
            let counts = ["refund-crashes", "x-delivery-count"].compactMap { headers?[$0] }
            guard !counts.isEmpty else { return }
            let body = String(decoding: incoming.delivery.body, as: UTF8.self)
            let line = "\(what) \(body) \(counts)\n"
            _ = line.withCString { write(2, $0, strlen($0)) }
        }

        private func done(_ delivery: Delivery) -> OutgoingMessage {
            var properties = MessageProperties()
            if let crashes = delivery.properties.headers?["refund-crashes"] {
                properties.headers = FieldTable([("refund-crashes", crashes)])
            }
            return OutgoingMessage(
                exchange: "out", routingKey: "done", properties: properties, body: delivery.body)
        }

        private func commit(_ lines: [UInt8]) throws {
            guard !lines.isEmpty else { return }
            guard write(journal, lines, lines.count) == lines.count, fdatasync(journal) == 0
            else { throw PassingFailure() }
        }
    }
}
