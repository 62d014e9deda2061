import AMQP
import Database
import RefundMessages
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

    private static let databaseURL = "database.url"
    private static let factsWait = "facts.wait"

    private static func description(of product: Product) -> ServiceDescription {
        let position = Product.allCases.firstIndex(of: product) ?? 0
        return ServiceDescription(
            name: product.rawValue, defaultPort: 8081 + position,
            settings: [
                Setting(
                    databaseURL,
                    "sqlite:///path of the worker's database; <data.dir>/\(product).sqlite where "
                        + "it is not set. Instances of one worker share it."),
                Setting(
                    factsWait, default: "60s",
                    "How long a check waits for usage documents before a reviewer decides."),
            ])
    }

    private static func parts(
        _ rules: any ProductRules.Type, _ service: ServiceContext
    ) async throws -> ServiceParts {
        let database = try await openDatabase(service)
        let now = service.now
        let context = WorkerContext(
            rules: rules, database: database,
            factsWait: try service.settings.duration(factsWait, in: .zero...(.seconds(86_400))),
            clock: {
                let time = now()
                return Instant(seconds: time.seconds, nanoseconds: time.nanoseconds)
            })
        let product = rules.product.rawValue
        let sweeper = DeskSweeper(context: context, publisher: service.broker.publisher)
        return ServiceParts(
            consumers: [
                .init(queue: "refund.facts.\(product)", handler: FactsHandler(context: context)),
                .init(queue: "refund.checks.\(product)", handler: CheckHandler(context: context)),
                .init(
                    queue: "refund.outcomes.\(product)", handler: OutcomeHandler(context: context)),
            ],
            services: [
                Sweeper("desks", logger: service.logger) { try await sweeper.sweep() }
            ],
            close: { await database.close() })
    }

    /// - Throws: `ConfigurationFault` for a database that cannot be used at all.
    private static func openDatabase(_ service: ServiceContext) async throws -> any Database {
        let settings = service.settings
        let url =
            try settings.optional(databaseURL)
            ?? "\(service.dataDirectory)/\(service.name).sqlite"
        do {
            let location = try DatabaseLocation.parse(url)
            return try await location.open(migrations: WorkerSchema.migrations)
        } catch {
            throw fault(error)
        }
    }

    private static func fault(_ error: DatabaseError) -> any Error {
        switch error.code {
        case .unusable, .storage: ConfigurationFault(error.message)
        default: error
        }
    }
}
