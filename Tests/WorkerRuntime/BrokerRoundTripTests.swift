import AMQP
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import WorkerRuntime

private struct Passing: Error {}

@Suite("On a real broker", .serialized, .timeLimit(.minutes(10))) struct BrokerRoundTripTests {
    @Test("A failing message is tried again after its step")
    func retry() async throws {
        let rig = try await BrokerRig()
        let recorder = Recorder { handling in
            if handling.incoming.attempts == 0 { throw Passing() }
            return .done
        }
        try await rig.publish(["bad"])
        try await rig.consume(recorder) { _ in
            await recorder.wait { $0.contains { $0.incoming.attempts == 1 } }
        }
        let all = recorder.all
        let first = try #require(all.first)
        let second = try #require(all.last)
        #expect(second.incoming.exchange == "in")
        #expect(second.incoming.routingKey == "a.key")
        #expect(second.incoming.firstFailedAt != nil)
        #expect(second.at - first.at > .milliseconds(950))
        #expect(try await rig.rest(of: BrokerRig.work).isEmpty)
    }

    @Test("A failing message does not hold up the others")
    func neighbours() async throws {
        // Longer than the test may take: whoever waited for it would never be handled.
        let rig = try await BrokerRig(delay: 3_600_000)
        let recorder = Recorder { handling in
            if handling.body == "bad" { throw Passing() }
            return .done
        }
        let good = (1...20).map { "good \($0)" }
        try await rig.publish(["bad"] + good)
        try await rig.consume(recorder) { _ in
            await recorder.wait { Set($0.map(\.body)).isSuperset(of: good) }
        }
        #expect(try await rig.ready(in: "refund.delay.1s", becomes: 1))
        #expect(try await rig.rest(of: BrokerRig.work).isEmpty)
    }

    @Test("A message that waits comes back every second with its attempts unchanged")
    func wait() async throws {
        let rig = try await BrokerRig()
        let recorder = Recorder { handling in
            handling.incoming.firstFailedAt == nil ? .wait(detail: "not yet") : .done
        }
        try await rig.publish(["patient"])
        try await rig.consume(recorder) { _ in await recorder.wait { $0.count >= 2 } }
        #expect(recorder.all.map(\.incoming.attempts) == [0, 0])
        #expect(recorder.all[1].at - recorder.all[0].at > .milliseconds(950))
    }

    @Test("A dead letter that no queue takes holds only itself, and leaves once one does")
    func heldDeadLetter() async throws {
        let rig = try await BrokerRig()
        try await withBroker(rig.uri) { broker in
            _ = try await broker.topology().deleteQueue(BrokerRig.deadLetters)
        }
        let recorder = Recorder { handling in
            handling.body == "bad"
                ? .deadLetter(DeadLetter(reason: "malformed_json", detail: "Not JSON.")) : .done
        }
        try await rig.publish(["bad", "good 1", "good 2"])
        try await rig.consume(recorder, maxBatch: 1) { _ in
            await recorder.wait { $0.count >= 3 }
        }
        let isBack = try await rig.ready(in: BrokerRig.work, becomes: 1)
        #expect(isBack, "it went back as the service stopped")

        let letters = Mutex<[Delivery]>([])
        try await rig.consume(recorder) { _ in
            await recorder.wait { $0.count >= 4 }
            try await withBroker(rig.uri) { broker in
                let topology = broker.topology()
                try await topology.declare(QueueDeclaration(name: BrokerRig.deadLetters))
                try await topology.bind(
                    queue: BrokerRig.deadLetters,
                    to: Binding(exchange: BrokerRig.deadLetters, routingKey: "#"))
            }
            let taken = try await rig.take(1, from: BrokerRig.deadLetters)
            letters.withLock { $0 = taken }
        }
        #expect(letters.withLock { $0.map(\.body) } == [Array("bad".utf8)])
        #expect(recorder.all.map(\.body) == ["bad", "good 1", "good 2", "bad"])
        #expect(try await rig.rest(of: BrokerRig.work).isEmpty)
    }

    @Test("A dead letter carries body, properties, headers and why, from where and when")
    func deadLetter() async throws {
        let rig = try await BrokerRig()
        var properties = MessageProperties()
        properties.messageID = "m-1"
        properties.correlationID = "r-1"
        properties.type = "some.v1"
        properties.userID = "guest"
        properties.headers = FieldTable([("own", .text("kept"))])
        let recorder = Recorder { _ in
            .deadLetter(DeadLetter(reason: "malformed_json", path: "/a~1b", detail: "Not JSON."))
        }
        try await rig.publish(["\u{0}{\"é\": "], properties: properties)
        let letters = Mutex<[Delivery]>([])
        try await rig.consume(recorder) { _ in
            let taken = try await rig.take(1, from: BrokerRig.deadLetters)
            letters.withLock { $0 = taken }
        }
        let letter = try #require(letters.withLock { $0.first })
        #expect(letter.exchange == "refund.dead-letters")
        #expect(letter.routingKey == BrokerRig.work)
        #expect(letter.body == Array("\u{0}{\"é\": ".utf8))
        #expect(letter.properties.messageID == "m-1")
        #expect(letter.properties.correlationID == "r-1")
        #expect(letter.properties.type == "some.v1")
        #expect(letter.properties.userID == nil)
        let headers = try #require(letter.properties.headers)
        #expect(headers["own"] == .text("kept"))
        #expect(headers["refund-original"] == .table(FieldTable([("user_id", .text("guest"))])))
        #expect(headers["refund-reason"] == .text("malformed_json"))
        #expect(headers["refund-path"] == .text("/a~1b"))
        #expect(headers["refund-detail"] == .text("Not JSON."))
        #expect(headers["refund-queue"] == .text("work"))
        #expect(headers["refund-exchange"] == .text("in"))
        #expect(headers["refund-routing-key"] == .text("a.key"))
        #expect(headers["refund-consumer"] == .text("worker-1"))
        #expect(headers["refund-attempts"]?.integer == 1)
        let times = ["refund-first-failed-at", "refund-last-failed-at"].map {
            headers[$0]?.text(atMost: 24)
        }
        #expect(times[0] == times[1] && times[0]?.hasSuffix("Z") == true)
    }

    @Test("A crash between the confirms and the ack delivers the message again")
    func crash() async throws {
        let rig = try await BrokerRig()
        try await rig.publish(["once"])
        let broker = Broker(
            try BrokerConfiguration(uri: rig.uri, connectionName: "dies"), logger: .quiet)
        let confirmed = AsyncStream.makeStream(of: Void.self)
        let consumer = QueueConsumer(
            .init(queue: BrokerRig.work, handler: StallingHandler(confirmed.continuation)),
            instance: "worker-1", broker: broker, logger: .quiet)
        await withTaskGroup { group in
            group.addTask { try? await broker.run() }
            group.addTask { try? await consumer.run() }
            for await _ in confirmed.stream { break }
            group.cancelAll()
        }
        let recorder = Recorder { _ in .done }
        try await rig.consume(recorder) { _ in await recorder.wait { $0.count >= 1 } }
        #expect(recorder.all.first?.incoming.delivery.redelivered == true)
        #expect(try await rig.take(1, from: "out").count == 1)
    }

    @Test("A graceful stop finishes the batch in hand and returns what was not begun")
    func stop() async throws {
        let rig = try await BrokerRig()
        let recorder = Recorder { _ in
            try await gracefulShutdown()
            return .done
        }
        try await rig.publish((1...10).map { "\($0)" })
        try await rig.consume(recorder, prefetch: 10, maxBatch: 1) { group in
            await recorder.wait { $0.count >= 1 }
            await group.triggerGracefulShutdown()
        }
        #expect(recorder.all.map(\.body) == ["1"])
        let rest = try await rig.take(9, from: BrokerRig.work)
        #expect(rest.map { String(decoding: $0.body, as: UTF8.self) } == (2...10).map { "\($0)" })
    }

    @Test("A dead letter that cannot be written leaves by the queue's own dead-letter exchange")
    func deepHeaders() async throws {
        let rig = try await BrokerRig()
        let letter = DeadLetter(reason: "too_deep", detail: "Too deep.")
        let recorder = Recorder { $0.body == "good" ? .done : .deadLetter(letter) }
        var properties = MessageProperties()
        // The copy's table of original headers would be nested deeper than the library writes.
        var nested = FieldTable()
        for _ in 0..<62 { nested = FieldTable([("t", .table(nested))]) }
        properties.headers = FieldTable([("refund-path", .table(nested))])
        try await rig.publish(["deep"], properties: properties)
        try await rig.publish(["good"])
        try await rig.consume(recorder) { _ in await recorder.wait { $0.last?.body == "good" } }
        let dead = try await rig.take(1, from: BrokerRig.deadLetters)
        #expect(dead.map { String(decoding: $0.body, as: UTF8.self) } == ["deep"])
    }
}

/// Publishes, and once that is confirmed says so and stands still until it is cancelled.
private struct StallingHandler: BatchHandler {
    let confirmed: AsyncStream<Void>.Continuation

    init(_ confirmed: AsyncStream<Void>.Continuation) { self.confirmed = confirmed }

    func handle(_ batch: [Incoming]) async throws -> Handled {
        let message = OutgoingMessage(exchange: "out", routingKey: "a", body: Array("x".utf8))
        return Handled(dispositions: batch.map { _ in .done }, messages: [message]) { _ in
            confirmed.yield()
            try await Task.sleep(for: .seconds(3_600))
        }
    }
}
