import AMQP
import WorkerRuntime

/// Takes the payment provider's events, proves who sent them, and passes each on as a notice. It has
/// no database and no right but to publish notices: what a notice is worth the orchestrator finds
/// out by asking the provider.
@main
enum PaymentWebhook {
    static let description = ServiceDescription(
        name: "payment-webhook", defaultPort: 8088, settings: WebhookSetting.all)

    static func main() async {
        await ServiceHost.run(description) { context in
            let settings = try WebhookSettings(context.settings)
            let broker = context.broker
            let desk = EventDesk(
                secrets: settings.secrets, isLive: settings.isLive,
                publisher: NoticePublisher(
                    publisher: broker.publisher, isReady: { broker.isPublishing },
                    appID: context.name, clock: context.now),
                clock: context.now)
            let server = WebhookServer(
                address: settings.address,
                responder: WebhookResponder(
                    desk: desk, report: ResultReport(logger: context.logger)),
                logger: context.logger)
            return ServiceParts(
                services: [
                    SecretReload(secrets: settings.secrets, logger: context.logger), server,
                ], help: ResultReport.help)
        }
    }
}
