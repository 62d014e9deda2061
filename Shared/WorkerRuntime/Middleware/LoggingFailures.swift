import AMQP
import Logging
import Telemetry

/// Says in the log what is retried or put away, by reason and trace; never what the message holds.
struct FailureLoggingHandler: BatchHandler {
    let base: any BatchHandler
    let logger: Logger

    func handle(_ batch: [Incoming]) async throws -> Handled {
        let handled = try await base.handle(batch)
        for (incoming, disposition) in zip(batch, handled.dispositions) {
            switch disposition {
            case .done, .wait: break
            case .retry(let detail):
                logger.info(
                    "message to be retried",
                    metadata: metadata(incoming).merging(["detail": "\(detail)"]) { $1 })
            case .deadLetter(let letter):
                logger.info(
                    "message dead-lettered",
                    metadata: metadata(incoming).merging([
                        "reason": "\(letter.reason)", "path": "\(letter.path ?? "")",
                        "detail": "\(letter.detail)",
                    ]) { $1 })
            }
        }
        return handled
    }

    private func metadata(_ incoming: Incoming) -> Logger.Metadata {
        [
            "queue": "\(incoming.queue)", "attempts": "\(incoming.attempts + 1)",
            "trace": "\(incoming.trace.traceIDText)",
            "message_id": "\(incoming.delivery.properties.messageID ?? "")",
        ]
    }
}
