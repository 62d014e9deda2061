import AMQP
import Database
import RefundMessages
import RefundService
import Telemetry
import WorkerRuntime

/// A product's worker as a process: its three queues, its database and its sweeper around the
/// product's rules.
public enum ProductWorker {
    /// Runs the worker of those rules until it is stopped, and ends the process.
    public static func run(_ rules: any ProductRules.Type) async -> Never {
        await ServiceHost.run(description(of: rules.product)) { context in
            try await parts(rules, context)
        }
    }

    private static let contents = "the facts and holds, which all its instances share"
    private static let factsWait = "facts.wait"
    /// Outcomes only end holds: taken some at a time they cost fewer transactions.
    private static let outcomePause: Duration = .milliseconds(250)
    private static let factsSetting = Setting(
        factsWait, default: "60s",
        "How long a check waits for usage documents before a reviewer decides.")

    private static func description(of product: Product) -> ServiceDescription {
        let position = Product.allCases.firstIndex(of: product) ?? 0
        return ServiceDescription(
            name: product.rawValue, defaultPort: 8081 + position,
            settings: DatabaseSetting.settings(contents) + [factsSetting],
            bundledExchanges: [RefundResult.exchange])
    }

    private static func parts(
        _ rules: any ProductRules.Type, _ service: ServiceContext
    ) async throws -> ServiceParts {
        let database = try await service.openDatabase(WorkerSchema.migrations)
        let now = service.now
        let context = WorkerContext(
            rules: rules, database: database,
            factsWait: try service.settings.duration(factsWait, in: .zero...(.seconds(86_400))),
            clock: { Instant(now()) })
        let product = rules.product.rawValue
        let sweeper = DeskSweeper(context: context, publisher: service.publisher)
        return ServiceParts(
            consumers: [
                .init(queue: "refund.facts.\(product)", handler: FactsHandler(context: context)),
                .init(
                    queue: "refund.checks.\(product)", handler: CheckHandler(context: context),
                    takesBundles: true),
                .init(
                    queue: "refund.outcomes.\(product)", handler: OutcomeHandler(context: context),
                    pause: outcomePause),
            ],
            services: [
                Sweeper("desks", logger: service.logger) { try await sweeper.sweep() }
            ],
            close: { await database.close() })
    }
}
