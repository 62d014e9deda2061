import AMQP
import Database
import RefundMessages
import RefundService
import ServiceLifecycle
import WorkerRuntime

/// Opens a case for each refund request, asks the products' workers, decides, and settles.
@main
enum Orchestrator {
    static let description = ServiceDescription(
        name: "orchestrator", defaultPort: 8080, settings: OrchestratorSetting.all,
        bundledExchanges: ["refund.checks", "refund.settlements"])

    static func main() async {
        await ServiceHost.run(description) { context in
            let settings = try OrchestratorSettings(context)
            let database = try await context.openDatabase(Schema.migrations)
            let sandboxDatabase = try await context.openDatabase(
                SandboxProvider.migrations, key: OrchestratorSetting.sandboxURL, name: "sandbox")
            let sandbox = SandboxProvider(database: sandboxDatabase, clock: Instant.now)
            // Its client and its thread are there only where Stripe is configured.
            let stripe = settings.stripe.map { StripeProvider($0) }
            var byName: [PaymentProviderName: any PaymentProvider] = [
                .sandbox: sandbox, .balance: BalanceProvider(),
            ]
            byName[.stripe] = stripe
            let publisher = context.publisher
            let book = CaseBook(
                database: database, dispatch: CaseDispatch(), clock: Instant.now,
                logger: context.logger)
            let sweeper = CaseSweeper(book: book, publisher: publisher)
            let news = SandboxNews(provider: sandbox, publisher: publisher)
            let desk = ExceptionDesk(
                book: book, publisher: publisher, limit: settings.secondPerson,
                settlement: settings.settlement)
            let gauges = ExceptionGauges(database: database, clock: Instant.now)
            let settlement = SettlementDesk(
                book: book, publisher: publisher, providers: PaymentProviders(byName: byName),
                limits: settings.settlement)
            return ServiceParts(
                consumers: consumers(book, settings, settlement),
                services: [
                    Sweeper(
                        "settlement answers", every: .seconds(1), logger: context.logger,
                        wake: settlement.answered
                    ) { try await settlement.record() },
                    Sweeper(
                        "settlements waiting", every: .seconds(1), logger: context.logger,
                        wake: settlement.freed
                    ) { try await settlement.takeWaiting() },
                    settlement,
                    Sweeper("cases", logger: context.logger) {
                        while try await sweeper.sweep() {}
                    },
                    Sweeper("sandbox news", logger: context.logger) {
                        while try await news.sweep() {}
                    },
                    Sweeper(
                        "exception gauges", every: ExceptionGauges.interval,
                        logger: context.logger
                    ) { try await gauges.refresh() },
                ],
                help: ExceptionGauges.help.merging(SettlementDesk.help) { first, _ in first },
                routes: OrchestratorAPI(
                    database: database, tokens: settings.tokens, desk: desk
                ).addRoutes(to:),
                close: {
                    await stripe?.close()
                    await database.close()
                    await sandboxDatabase.close()
                })
        }
    }

    private static func consumers(
        _ book: CaseBook, _ settings: OrchestratorSettings, _ settlement: SettlementDesk
    ) -> [QueueConsumer.Configuration] {
        return [
            .init(
                queue: "refund.requests",
                handler: RequestHandler(
                    book: book, policy: settings.policy,
                    calendar: RefundCalendar(zone: settings.policy.zone),
                    limits: settings.intake)),
            .init(queue: "refund.facts.orders", handler: OrderHandler(book: book)),
            .init(
                queue: "refund.results", handler: ResultHandler(cases: settlement),
                takesBundles: true),
            .init(queue: "refund.reviews", handler: DecisionHandler(cases: settlement)),
            .init(
                queue: "refund.settlements",
                handler: SettlementHandler(desk: settlement), takesBundles: true),
            .init(
                queue: "refund.payments",
                handler: NoticeHandler(book: book, limits: settings.settlement)),
        ]
    }
}
