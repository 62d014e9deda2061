import Foundation
import RefundMessages
import StripePeer
import TestSupport

/// The system with Stripe as a provider: an orchestrator, a worker, the webhook, and the fault proxy
/// before localstripe.
struct StripeSystem: Sendable {
    private static let webhookSecret = "whsec_of_the_integration_tests"
    let system: RefundSystem
    let proxy: StripeFaultProxy
    /// Where the webhook takes events.
    let events: StripeEvents

    /// Runs a test on a system of its own, and ends it whatever the test does.
    /// - Parameters:
    ///   - hasPeer: whether localstripe makes the refunds; else the proxy does, where only speed
    ///     counts.
    ///   - budget: how long a leg that nothing decides is tried.
    ///   - callTimeout: short by default, so that a stalled call costs little.
    static func with(
        hasPeer: Bool = true, budget: String, callTimeout: String = "1s",
        workers: [ServiceName] = [.monitoring],
        _ configuration: StripeFaultProxy.Configuration = .init(),
        _ body: (StripeSystem) async throws -> Void
    ) async throws {
        let peer = hasPeer ? try await LocalStripe.start() : nil
        let proxy = try await StripeFaultProxy.start(peer: peer, configuration)
        let folder = FileManager.default.temporaryDirectory.appending(path: "stripe-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let files = ["key": StripeFaultProxy.apiKey, "webhook": webhookSecret]
        for (name, secret) in files {
            try secret.write(
                to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
        let settings = [
            "STRIPE_API_KEY_FILE": folder.appending(path: "key").path,
            "STRIPE_WEBHOOK_SECRET_FILE": folder.appending(path: "webhook").path,
            "STRIPE_LIVE_MODE": "false", "STRIPE_BASE_URL": proxy.baseURL,
            "STRIPE_CALL_TIMEOUT": callTimeout, "SETTLEMENT_BUDGET": budget,
            "SETTLEMENT_POLL": "1s",
        ]
        let outcome = await result {
            try await run(workers + [.orchestrator], proxy, settings, body)
        }
        // A client that is forgotten ends the process.
        try await proxy.stop()
        try await peer?.stop()
        try FileManager.default.removeItem(at: folder)
        try outcome.get()
    }

    private static func result(
        _ body: () async throws -> Void
    ) async -> Result<Void, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    private static func run(
        _ services: [ServiceName], _ proxy: StripeFaultProxy, _ settings: [String: String],
        _ body: (StripeSystem) async throws -> Void
    ) async throws {
        try await RefundSystem.with(services, settings: settings) { system in
            let port = try FreePort.take()
            let webhook = try system.launchWebhook(port: port, settings: settings)
            try await webhook.waitUntilReady()
            let events = StripeEvents(
                url: "http://127.0.0.1:\(port)/v1/stripe/events", secret: webhookSecret)
            await proxy.setEvents(events)
            let outcome = await result {
                try await body(StripeSystem(system: system, proxy: proxy, events: events))
            }
            await proxy.setEvents(nil)
            try await webhook.kill()
            try outcome.get()
        }
    }
}

extension RefundSystem {
    fileprivate func launchWebhook(port: Int, settings: [String: String]) throws -> ServiceProcess {
        let internalPort = try FreePort.take()
        let environment = try [
            "AMQP_URL": url(of: "payment-webhook"), "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": "\(internalPort)", "WEBHOOK_PORT": "\(port)", "LOG_FORMAT": "json",
            "DATA_DIR": "\(directory)/data/payment-webhook",
        ].merging(settings) { $1 }
        return try ServiceProcess(
            "payment-webhook", environment: environment, httpPort: internalPort)
    }
}

/// A request for a refund of a payment made through Stripe, and what becomes of that at Stripe.
struct StripeCase: Sendable {
    var order: OrderPaid
    var usage: [Usage]
    var request: RefundRequest
    var leg: Leg

    struct Leg: Sendable, Hashable {
        var id: String
        var amount: Int64
        var fate: StripeFate
    }

    var id: String { request.requestID }

    /// One monitoring line that nothing was made of, paid by one payment.
    static func single(_ id: String, payment: String, _ amount: Int64, _ fate: StripeFate)
        -> StripeCase
    {
        shared([id], payment: payment, amount, fate)[0]
    }

    /// As many requests as lines of one order, all of them paid by the same payment.
    static func shared(
        _ ids: [String], payment: String, _ amount: Int64, _ fate: StripeFate
    ) -> [StripeCase] {
        let orderID = "o-\(ids[0])"
        let accountID = "a-\(ids[0])"
        let numbers = ids.indices.map { "\($0 + 1)" }
        let order = OrderPaid(
            orderID: orderID, version: 1, accountID: accountID, paidAt: .daysAgo(2),
            currency: "USD", promotion: nil,
            payments: [
                OrderPayment(
                    paymentID: "p", provider: .stripe, reference: payment, method: "card",
                    cash: amount * Int64(ids.count))
            ],
            lines: numbers.map {
                OrderLine(
                    lineID: $0, product: .monitoring, item: .certificate, parent: nil, fee: amount,
                    cash: amount)
            })
        return zip(ids, numbers).map { id, number in
            StripeCase(
                order: order,
                usage: [
                    Usage(
                        orderID: orderID, lineID: number, version: 1,
                        facts: .monitoring(everConfigured: false))
                ],
                request: RefundRequest(
                    requestID: id, orderID: orderID, accountID: accountID, requestedAt: .now(),
                    lines: [number]),
                leg: Leg(id: "\(id)/p", amount: amount, fate: fate))
        }
    }
}

extension StripeSystem {
    /// Makes the payments at Stripe and the orders here, and does not ask for a refund yet.
    /// - Parameter fates: one for each payment; every fifth pays for two requests.
    func prepare(_ fates: [StripeFate], prefix: String) async throws -> [StripeCase] {
        var cases: [StripeCase] = []
        for (number, fate) in fates.enumerated() {
            let amount = Int64(500 + number % 400)
            let count = number % 5 == 4 && fate == .succeeds ? 2 : 1
            let payment = try await proxy.makeCharge(
                amount * Int64(count), "usd", fate, prefix: ["ch_", "pi_", "py_"][number % 3])
            let ids = (0..<count).map { "\(prefix)-\(number)-\($0)" }
            cases += StripeCase.shared(ids, payment: payment, amount, fate)
        }
        let orders = Dictionary(cases.map { ($0.order.orderID, $0.order) }) { first, _ in first }
        try await system.publish(orders.values.map { .order($0) })
        try await system.publish(cases.flatMap(\.usage).map { .usage($0) })
        try await system.waitUntilHandled(["refund.facts.orders", "refund.facts.monitoring"])
        return cases
    }

    func request(_ cases: [StripeCase]) async throws {
        try await system.publish(cases.map { .request($0.request) })
    }
}
