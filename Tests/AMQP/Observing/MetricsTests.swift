import AMQP
import Telemetry
import TestSupport
import Testing

@Suite("What is counted and logged", .timeLimit(.minutes(10)))
struct MetricsTests {
    private func message(_ queue: String) -> OutgoingMessage {
        OutgoingMessage(exchange: "", routingKey: queue, body: [1])
    }

    @Test("publishing and settling move their counters, by as many as there were")
    func flow() async throws {
        let node = try await PrivateBroker.shared()
        let observed = Observed()
        try await observed.run(node.url) { broker in
            let queue = try await broker.makeQueue([
                ("x-queue-type", .text("classic")), ("x-max-length", .int32(4)),
                ("x-overflow", .text("reject-publish")),
            ])
            let messages = (0..<7).map { message($0 == 6 ? "nowhere" : queue) }
            _ = try await broker.publisher.publish(messages)
            let consumer = broker.consumer(queue: queue, prefetch: 4, maxBatch: 1)
            let iterator = consumer.makeAsyncIterator()
            for settled in 0..<4 {
                let batch = try #require(await iterator.next())
                if settled < 3 {
                    await batch.ack(batch.deliveries)
                } else {
                    await batch.reject(batch.deliveries[0], requeue: false)
                }
            }
            #expect(await eventually { observed.value(.rejected) == 1 })
            await consumer.cancel()
        }
        #expect(observed.value(.published) == 7)
        #expect(observed.value(.confirmed) == 4)
        #expect(observed.value(.nacked) == 2)
        #expect(observed.value(.returned) == 1)
        #expect(observed.value(.delivered) == 4)
        #expect(observed.value(.acked) == 3)
        #expect(observed.value(.unconfirmed) == 0)
        #expect(observed.value(.unconfirmedNow) == 0)
        #expect(observed.value(.reconnects) == 0)
    }

    @Test(
        "trouble moves its own: unanswered messages, a block, reconnects, acks that came too late")
    func trouble() async throws {
        let node = try await PrivateBroker.start()
        let observed = Observed()
        let configure: (inout BrokerConfiguration) -> Void = {
            // Whatever is late by less than that is no trouble.
            $0.confirmTimeout = .seconds(3)
            $0.backoffMost = .milliseconds(300)
        }
        try await observed.run(node.url, configure: configure) { broker in
            let queue = try await broker.makeQueue()
            // Connecting may take longer: only a quiet start can be compared with.
            let isQuiet = await eventually {
                (try? await broker.publisher.publish([message(queue)])) == [.confirmed]
                    && observed.value(.unconfirmedNow) == 0
            }
            #expect(isQuiet)
            let lost = observed.value(.unconfirmed) ?? 0
            try await node.pause()
            async let outcomes = broker.publisher.publish([message(queue)])
            #expect(await eventually { observed.value(.unconfirmedNow) == 1 })
            #expect(try await outcomes == [.unconfirmed])
            #expect(await eventually { observed.value(.unconfirmed) == lost + 1 })
            node.resume()
            #expect(await eventually { observed.value(.unconfirmedNow) == 0 })

            let consumer = broker.consumer(queue: queue, prefetch: 1, maxBatch: 1)
            let held = try #require(await consumer.makeAsyncIterator().next())
            let connections = ["publishing", "consuming"].map { #"connection="\#($0)""# }
            let before = connections.map { observed.value(.reconnects, label: $0) ?? 0 }
            try await node.control("close_all_connections", "test")
            #expect(await eventually { !held.isCurrent })
            await held.ack(upTo: held.deliveries[0])
            #expect(await eventually { observed.value(.droppedAcks) == 1 })
            for (label, count) in zip(connections, before) {
                #expect(await eventually { observed.value(.reconnects, label: label) ?? 0 > count })
            }

            #expect(observed.value(.blockedSeconds) == 0)
            try await node.control("set_vm_memory_high_watermark", "0.00001")
            let isCounting = await eventually {
                _ = try? await broker.publisher.publish([message(queue)])
                return observed.value(.blockedSeconds).map { $0 > 0 } == true
            }
            #expect(isCounting && !broker.isPublishing, "while it is blocked, not only afterwards")
        }
    }

    @Test("each metric is shown under its name from the start, and explained")
    func shown() async throws {
        let observed = Observed()
        for metric in BrokerMetric.allCases {
            observed.registry.describe(metric.rawValue, metric.help)
        }
        try await observed.run("amqp://localhost:1") { _ in }
        for metric in BrokerMetric.allCases {
            #expect(observed.value(metric) == 0)
            #expect(
                observed.registry.text().contains("# HELP \(metric.rawValue) \(metric.help)\n"))
        }
    }

    @Test("no error and no log line has the password, and every key of the log is known")
    func noCredentials() async throws {
        let node = try await PrivateBroker.shared()
        let observed = Observed()
        let secret = "s3cret-of-the-test"
        let hosts = [
            node.url(password: secret), "amqp://guest:\(secret)@localhost:1/",
            "amqps://guest:\(secret)@localhost:\(node.port)/",
        ]
        for uri in hosts {
            let before = observed.lines.withLock { $0.count }
            try await observed.run(uri, configure: { $0.callTimeout = .milliseconds(500) }) {
                broker in
                let error = await #expect(throws: AMQPError.self) {
                    try await broker.topology().checkQueue("q")
                }
                #expect(error.map { "\($0) \(String(reflecting: $0))" }?.contains(secret) == false)
                #expect(await eventually { observed.lines.withLock { $0.count } > before })
            }
        }
        try await observed.run(node.url) { broker in
            let queue = try await broker.makeQueue()
            let consumer = broker.consumer(queue: queue, prefetch: 1, maxBatch: 1)
            #expect(await eventually { consumer.isConsuming })
            try await broker.topology().deleteQueue(queue)
            #expect(await eventually { !consumer.isConsuming })
        }
        let lines = observed.lines.withLock { $0 }
        #expect(lines.count > 5)
        for line in lines {
            #expect(!line.text.contains(secret))
            #expect(line.keys.isSubset(of: ["connection", "broker", "cause", "queue"]))
        }
    }
}
