import AMQP
import Foundation
import TestSupport
import Testing

@testable import RefundCtl

/// What deploy/rabbitmq promises, on a real broker: the users, their rights, and the ways that
/// messages take without a service's doing.
@Suite(.timeLimit(.minutes(10)))
struct PermissionTests {
    /// A broker with the definitions, their passwords made by with-passwords.sh.
    private struct Installation {
        let broker: PrivateBroker
        let secrets: String

        static let shared = Task {
            let broker = try await PrivateBroker.start()
            // Inside the broker's directory, which goes with the broker.
            let secrets = broker.directory + "/secrets"
            let completed = broker.directory + "/completed.json"
            let ending = try await Command.run(
                Repository.path("deploy/rabbitmq/with-passwords.sh"),
                [Repository.path("deploy/rabbitmq/definitions.json"), secrets, completed])
            guard ending.status == 0 else { throw SupportFailure(ending.output) }
            try await broker.control("import_definitions", completed)
            return Installation(broker: broker, secrets: secrets)
        }

        func url(_ user: String) throws -> String {
            let password = try String(contentsOfFile: "\(secrets)/\(user)", encoding: .utf8)
            return broker.url(user: user, password: password)
        }
    }

    private func publish(
        as user: String, _ exchange: String, _ key: String
    ) async throws -> Result<PublishOutcome, AMQPError> {
        try await withBroker(try await Installation.shared.value.url(user)) { broker in
            do throws(AMQPError) {
                let message = OutgoingMessage(exchange: exchange, routingKey: key, body: [1])
                return .success(try await broker.publisher.publish([message])[0])
            } catch {
                return .failure(error)
            }
        }
    }

    @Test(arguments: [
        ("storefront", "refund.requests", "request"), ("billing", "refund.facts", "order"),
        ("billing", "refund.facts", "ordre"), ("control-plane", "refund.facts", "usage.pca"),
        ("pca", "refund.results", "pca"), ("pca", "refund.delay.1s", "refund.checks.pca"),
        ("orchestrator", "refund.checks", "gateway"), ("operator", "refund.reviews", "decision"),
        ("orchestrator", "refund.payments", "sandbox"),
        ("payment-webhook", "refund.payments", "stripe"),
        ("dead-letters", "", "refund.results"), ("dead-letters", "refund.requests", "request"),
    ])
    func eachMayPublishWhatIsItsOwn(user: String, exchange: String, key: String) async throws {
        #expect(try await publish(as: user, exchange, key) == .success(.confirmed))
    }

    @Test(arguments: [
        ("pca", "refund.results", "gateway"), ("pca", "refund.delay.1s", "refund.results"),
        ("pca", "refund.checks", "pca"), ("pca", "refund.outcomes", "refunded.pca"),
        ("storefront", "refund.facts", "order"), ("storefront", "", "refund.requests"),
        ("billing", "refund.facts", "usage.pca"), ("control-plane", "refund.facts", "order"),
        ("operator", "refund.results", "pca"), ("operator", "refund.settlements", "leg"),
        ("operator", "refund.payments", "sandbox"), ("operator", "refund.outcomes", "denied"),
        ("orchestrator", "refund.results", "pca"), ("subscriber", "refund.requests", "request"),
        ("orchestrator", "refund.payments", "stripe"),
        ("payment-webhook", "refund.payments", "sandbox"),
        ("payment-webhook", "refund.requests", "request"),
        ("payment-webhook", "", "refund.payments"),
        ("payment-webhook", "refund.delay.1s", "refund.payments"),
        ("payment-webhook", "refund.dead-letters", "stripe"),
        ("dead-letters", "refund.dead-letters", "x"), ("dead-letters", "refund.outcomes", "denied"),
    ])
    func nobodyMaySpeakForAnother(user: String, exchange: String, key: String) async throws {
        let result = try await publish(as: user, exchange, key)
        let refusal = #expect(throws: AMQPError.self) { try result.get() }
        #expect(refusal?.code == .accessRefused)
    }

    @Test func aServiceMayMakeNoQueue() async throws {
        try await withBroker(try await Installation.shared.value.url("pca")) { broker in
            let error = await #expect(throws: AMQPError.self) {
                try await broker.topology().declare(QueueDeclaration(name: "refund.x"))
            }
            #expect(error?.code == .accessRefused)
        }
    }

    @Test func whatIsDelayedComesBackToItsQueueAfterTheStep() async throws {
        let marker = Array("delayed".utf8)
        try await withBroker(try await Installation.shared.value.url("gateway")) { broker in
            let start = ContinuousClock.now
            let message = OutgoingMessage(
                exchange: "refund.delay.1s", routingKey: "refund.checks.gateway", body: marker)
            let outcomes = try await broker.publisher.publish([message])
            #expect(outcomes == [.confirmed])
            let consumer = broker.consumer(
                queue: "refund.checks.gateway", prefetch: 10, maxBatch: 10)
            for await batch in consumer {
                await batch.ack(batch.deliveries)
                guard batch.deliveries.contains(where: { $0.body == marker }) else { continue }
                break
            }
            let elapsed = ContinuousClock.now - start
            #expect(elapsed > .milliseconds(900))
            await consumer.cancel()
        }
    }

    @Test func aRejectedMessageIsKeptAsADeadLetterUnderItsQueuesName() async throws {
        let installation = try await Installation.shared.value
        let marker = Array("rejected".utf8)
        try await withBroker(try installation.url("monitoring")) { broker in
            let message = OutgoingMessage(
                exchange: "refund.delay.1s", routingKey: "refund.facts.monitoring", body: marker)
            let outcomes = try await broker.publisher.publish([message])
            #expect(outcomes == [.confirmed])
            let consumer = broker.consumer(
                queue: "refund.facts.monitoring", prefetch: 1, maxBatch: 1)
            for await batch in consumer {
                await batch.reject(batch.deliveries[0], requeue: false)
                break
            }
            await consumer.cancel()
        }
        try await withBroker(try installation.url("operator")) { broker in
            let consumer = broker.consumer(queue: "refund.dead-letters", prefetch: 50, maxBatch: 50)
            var found: Delivery?
            for await batch in consumer {
                found = batch.deliveries.first { $0.body == marker }
                await batch.ack(batch.deliveries)
                if found != nil { break }
            }
            #expect(found?.exchange == "refund.dead-letters")
            #expect(found?.routingKey == "refund.facts.monitoring")
            await consumer.cancel()
        }
    }
}
