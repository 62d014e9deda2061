import AMQP
import Glibc
import Logging
import ServiceLifecycle
import UnixSignals
import WorkerRuntime

/// A worker over the real runtime whose handler is a fake: what a message's body says happens to it.
///
/// `poison-worker URI QUEUE` consumes that queue. `crash` ends the process as a trap would, at once
/// and with everything it held; `malformed` is put away; `endless` fails for a passing cause each time;
/// of everything else one message to the exchange `out` follows, with the same body.
@main
struct PoisonWorker {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else {
            print("usage: poison-worker URI QUEUE")
            exit(2)
        }
        let logger = Logger(label: "poison-worker") { StreamLogHandler.standardError(label: $0) }
        let broker = Broker(
            try BrokerConfiguration(uri: arguments[1], connectionName: "poison-worker"),
            logger: logger)
        let consumer = QueueConsumer(
            .init(queue: arguments[2], handler: Handler()), instance: "poison-worker-\(getpid())",
            broker: broker, logger: logger)
        try await ServiceGroup(
            services: [broker, consumer], gracefulShutdownSignals: [.sigterm], logger: logger
        ).run()
    }

    private struct PassingFailure: Error {}

    private struct Handler: BatchHandler {
        func handle(_ batch: [Incoming]) async throws -> Handled {
            var handled = Handled(dispositions: [])
            for incoming in batch {
                let body = incoming.delivery.body
                if body.starts(with: "crash".utf8) { kill(getpid(), SIGKILL) }
                if body.starts(with: "malformed".utf8) {
                    let letter = DeadLetter(reason: "malformed_json", detail: "Not JSON.")
                    handled.dispositions.append(.deadLetter(letter))
                } else if body.starts(with: "endless".utf8) {
                    handled.dispositions.append(.retry(detail: "What it needs is away."))
                } else {
                    handled.dispositions.append(.done)
                    handled.messages.append(
                        OutgoingMessage(exchange: "out", routingKey: "done", body: body))
                }
            }
            return handled
        }
    }
}
