import AMQP
import Database
import RefundMessages
import RefundService
import ServiceLifecycle
import WorkerRuntime

/// Keeps what could not be processed: to look at, to understand, to mend and to replay.
@main
enum DeadLetters {
    static let description = ServiceDescription(
        name: "dead-letters", defaultPort: 8090, settings: DeadLettersSetting.all)

    static func main() async {
        await ServiceHost.run(description) { context in
            let settings = try DeadLettersSettings(context)
            let lock = try ServiceLock(directory: context.dataDirectory)
            let database = try await context.openDatabase(Schema.migrations)
            let drain = Drain(
                broker: context.broker, database: database,
                hasWebhook: settings.webhook != nil, logger: context.logger, clock: Instant.now)
            return ServiceParts(
                services: [drain],
                readiness: [ReadinessCheck("consumer \(Names.queue)") { drain.isConsuming }],
                close: {
                    await database.close()
                    lock.release()
                })
        }
    }
}
