import AMQP
import Foundation
import TestSupport
import Testing

@Suite("What the broker refuses is named", .timeLimit(.minutes(10)))
struct TopologyRefusalTests {
    struct Mismatch: Sendable, CustomTestStringConvertible {
        var argument: String
        var existing: QueueDeclaration
        var declared: QueueDeclaration
        var testDescription: String { argument }

        init(
            _ argument: String, _ existing: [(key: String, value: FieldValue)],
            _ declared: [(key: String, value: FieldValue)], isDurable: Bool = true,
            isAutoDeleted: Bool = false
        ) {
            self.argument = argument
            self.existing = QueueDeclaration(name: "", arguments: FieldTable(existing))
            self.declared = QueueDeclaration(
                name: "", isDurable: isDurable, isAutoDeleted: isAutoDeleted,
                arguments: FieldTable(declared))
        }
    }

    private static let classic = (key: "x-queue-type", value: FieldValue.text("classic"))
    private static let quorum = (key: "x-queue-type", value: FieldValue.text("quorum"))

    @Test(
        "a queue declared differently: the queue and what differs, in words and as fields",
        arguments: [
            Mismatch("durable", [classic], [classic], isDurable: false),
            Mismatch("auto_delete", [classic], [classic], isAutoDeleted: true),
            Mismatch("x-queue-type", [classic], [quorum]),
            Mismatch("x-queue-type", [quorum], []),
            Mismatch(
                "x-max-length", [quorum, ("x-max-length", .int32(5))],
                [quorum, ("x-max-length", .int32(6))]),
            Mismatch("x-max-length", [quorum], [quorum, ("x-max-length", .int32(6))]),
            Mismatch(
                "x-delivery-limit", [quorum, ("x-delivery-limit", .int32(5))],
                [quorum, ("x-delivery-limit", .int32(6))]),
            Mismatch(
                "x-dead-letter-exchange", [quorum],
                [quorum, ("x-dead-letter-exchange", .text("e"))]),
        ])
    func queueMismatch(_ item: Mismatch) async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            var (existing, declared) = (item.existing, item.declared)
            existing.name = "q-\(UUID())"
            declared.name = existing.name
            try await broker.topology().declare(existing)
            let error = await #expect(throws: AMQPError.self) {
                try await broker.topology().declare(declared)
            }
            #expect(error?.code == .preconditionFailed && error?.replyCode == 406)
            #expect(error?.entity == .queue(existing.name))
            #expect(error?.argument == item.argument)
            for part in [existing.name, item.argument, "declare it as it is, or delete it"] {
                #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test("an exchange declared differently: the exchange and what differs")
    func exchangeMismatch() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let existing = ExchangeDeclaration(name: "x-\(UUID())", type: "topic")
            try await broker.topology().declare(existing)
            var ofOtherType = existing
            ofOtherType.type = "fanout"
            var transient = existing
            transient.isDurable = false
            var isInternal = existing
            isInternal.isInternal = true
            let mismatches = [
                (ofOtherType, "type"), (transient, "durable"), (isInternal, "internal"),
            ]
            for (declared, argument) in mismatches {
                let error = await #expect(throws: AMQPError.self) {
                    try await broker.topology().declare(declared)
                }
                #expect(error?.code == .preconditionFailed)
                #expect(error?.entity == .exchange(existing.name))
                #expect(error?.argument == argument)
                #expect(error?.message.contains("'\(argument)'") == true)
            }
        }
    }

    @Test("what is not there: the queue or the exchange, whichever it is")
    func missing() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue()
            let noQueue = await #expect(throws: AMQPError.self) {
                try await broker.topology().checkQueue("no-such-queue")
            }
            let noExchange = await #expect(throws: AMQPError.self) {
                try await broker.topology().checkExchange("no-such-exchange")
            }
            let unbound = await #expect(throws: AMQPError.self) {
                try await broker.topology().bind(
                    queue: queue, to: Binding(exchange: "no-such-exchange", routingKey: "k"))
            }
            let unsent = await #expect(throws: AMQPError.self) {
                try await broker.publisher.publish([
                    OutgoingMessage(exchange: "no-such-exchange", routingKey: "k", body: [])
                ])
            }
            #expect(noQueue?.entity == .queue("no-such-queue"))
            for error in [noExchange, unbound, unsent] {
                #expect(error?.entity == .exchange("no-such-exchange"))
            }
            for error in [noQueue, noExchange, unbound, unsent] {
                #expect(error?.code == .notFound && error?.replyCode == 404)
                #expect(error?.argument == nil)
            }
            #expect(noQueue?.message.contains("declare it first") == true)
        }
    }

    @Test("a name that fills the broker's sentence is still known from the request")
    func longName() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let name = String(repeating: "n", count: 255)
            let error = await #expect(throws: AMQPError.self) {
                try await broker.topology().checkQueue(name)
            }
            #expect(error?.code == .notFound)
            #expect(error?.entity == .queue(name))
        }
    }

    @Test("what the user may not do: the thing, and that a permission is missing")
    func refused() async throws {
        let node = try await PrivateBroker.shared()
        let user = "user-\(UUID())"
        try await node.control(
            "eval",
            """
            rabbit_auth_backend_internal:add_user(<<"\(user)">>, <<"pw">>, <<"test">>),
            rabbit_auth_backend_internal:set_permissions(
                <<"\(user)">>, <<"/">>, <<"^$">>, <<"^$">>, <<"^$">>, <<"test">>).
            """)
        let queue = try await withBroker(node.url) { try await $0.makeQueue() }
        try await withBroker(node.url(user: user, password: "pw")) { broker in
            let undeclared = await #expect(throws: AMQPError.self) {
                try await broker.topology().declare(QueueDeclaration(name: "mine"))
            }
            #expect(undeclared?.entity == .queue("mine"))
            #expect(undeclared?.message.contains("permission") == true)
            let unpurged = await #expect(throws: AMQPError.self) {
                try await broker.topology().purgeQueue(queue)
            }
            #expect(unpurged?.entity == .queue(queue))
            let unsent = await #expect(throws: AMQPError.self) {
                try await broker.publisher.publish([
                    OutgoingMessage(exchange: "amq.topic", routingKey: "k", body: [])
                ])
            }
            #expect(unsent?.entity == .exchange("amq.topic"))
            for error in [undeclared, unpurged, unsent] {
                #expect(error?.code == .accessRefused && error?.replyCode == 403)
            }
        }
    }

    @Test("a queue that belongs to another connection is locked")
    func locked() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { owner in
            let name = "q-\(UUID())"
            try await owner.topology().declare(
                QueueDeclaration(name: name, isDurable: false, isExclusive: true))
            try await withBroker(node.url) { other in
                let error = await #expect(throws: AMQPError.self) {
                    try await other.topology().checkQueue(name)
                }
                #expect(error?.code == .resourceLocked && error?.replyCode == 405)
                #expect(error?.entity == .queue(name))
            }
        }
    }

    @Test("one channel too many is refused, and takes the connection from nobody")
    func channelMax() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url + "?channel_max=1") { broker in
            let queue = try await withBroker(node.url) { try await $0.makeQueue() }
            let consumer = broker.consumer(queue: queue, prefetch: 1, maxBatch: 1)
            #expect(await eventually { consumer.isConsuming })
            let error = await #expect(throws: AMQPError.self) {
                try await broker.topology().checkQueue(queue)
            }
            #expect(error?.code == .channelClosed)
            #expect(error?.message.contains("channel_max") == true)
            let message = OutgoingMessage(exchange: "", routingKey: queue, body: [1])
            #expect(try await broker.publisher.publish([message]) == [.confirmed])
            let batch = try #require(await consumer.makeAsyncIterator().next())
            #expect(batch.isCurrent && !batch.deliveries[0].redelivered)
            await consumer.cancel()
            let isBack = try await eventually {
                try await broker.topology().checkQueue(queue).messages == 1
            }
            #expect(isBack)
        }
    }
}
