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
            let database = try await context.openDatabase(Schema.migrations)
            let drain = Drain(
                broker: context.broker, database: database,
                hasWebhook: settings.webhook != nil, logger: context.logger, clock: Instant.now)
            let preparation = JobPreparation(database: database, clock: Instant.now)
            let wake = SweeperWake()
            let runner = JobRunner(
                steps: JobSteps(database: database, clock: Instant.now), preparation: preparation,
                publisher: context.broker.publisher,
                lease: Lease(name: "jobs", database: database, clock: Instant.now), wake: wake,
                logger: context.logger)
            let api = DeadLettersAPI(
                database: database, tokens: settings.tokens, preparation: preparation, wake: wake,
                clock: Instant.now)
            return ServiceParts(
                services: [drain, runner] + sweepers(context, settings, database),
                readiness: [ReadinessCheck("consumer \(Names.queue)") { drain.isConsuming }],
                help: DeadLetterMetrics.help,
                routes: api.addRoutes(to:),
                close: { await database.close() })
        }
    }

    private static func sweepers(
        _ context: ServiceContext, _ settings: DeadLettersSettings, _ database: any Database
    ) -> [any Service] {
        let metrics = DeadLetterMetrics(database: database, clock: Instant.now)
        let retention = Retention(
            database: database, keep: settings.retention, clock: Instant.now)
        let announcer = Announcer(
            database: database, publisher: context.broker.publisher, webhook: settings.webhook,
            lease: Lease(name: "announcements", database: database, clock: Instant.now),
            clock: Instant.now, logger: context.logger)
        return [
            Sweeper("metrics", every: DeadLetterMetrics.interval, logger: context.logger) {
                try await metrics.look()
            },
            Sweeper("retention", every: Retention.interval, logger: context.logger) {
                try await retention.sweep()
            },
            Sweeper("announcements", every: Announcer.interval, logger: context.logger) {
                try await announcer.sweep()
            },
        ]
    }
}
