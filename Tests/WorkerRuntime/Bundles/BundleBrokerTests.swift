import AMQP
import TestSupport
import Testing

@testable import WorkerRuntime

@Suite("Bundles over a broker", .serialized, .timeLimit(.minutes(10))) struct BundleBrokerTests {
    @Test("Items come as the messages they are, and a failed one alone is retried or put away")
    func roundTrip() async throws {
        let rig = try await BrokerRig(delay: 100)
        try await rig.publishBundle((0..<10).map { internalMessage("m-\($0)") })
        let recorder = Recorder { handling in
            switch handling.incoming.delivery.properties.messageID {
            case "m-3" where handling.incoming.attempts == 0: .retry(detail: "not now")
            case "m-5": .deadLetter(DeadLetter(reason: "r", detail: "d"))
            default: .done
            }
        }
        try await rig.consume(recorder) { _ in await recorder.wait { $0.count >= 11 } }
        let ids = recorder.all.map(\.incoming.delivery.properties.messageID)
        #expect(ids.prefix(10) == (0..<10).map { "m-\($0)" }[...])
        #expect(ids.last == "m-3")
        let again = try #require(recorder.all.last?.incoming)
        #expect(again.exchange == "in" && again.routingKey == "a.key" && again.attempts == 1)
        #expect(recorder.all.allSatisfy { $0.body.hasPrefix("{\"id\":\"m-") })
        let letters = try await rig.rest(of: BrokerRig.deadLetters)
        #expect(letters.map(\.properties.messageID) == ["m-5"])
        #expect(try await rig.rest(of: BrokerRig.work).isEmpty)
    }

    @Test("What was in hand when its process ended comes again, each item alone")
    func crash() async throws {
        let rig = try await BrokerRig(delay: 100)
        let ids = (0..<20).map { "m-\($0)" }
        // Delivered, half of it handled, nothing settled: the connection goes with its process.
        try await rig.publishBundle(ids.map { internalMessage($0) })
        try await withBroker(rig.uri) { broker in
            let consumer = broker.consumer(queue: BrokerRig.work, prefetch: 10, maxBatch: 10)
            #expect(await consumer.makeAsyncIterator().next()?.deliveries.count == 1)
        }
        let recorder = Recorder { _ in .done }
        try await rig.consume(recorder) { _ in
            await recorder.wait {
                Set($0.map(\.incoming.delivery.properties.messageID)).count == 20
            }
        }
        for handling in recorder.all {
            #expect(handling.incoming.exchange == "in" && handling.incoming.routingKey == "a.key")
            #expect(handling.incoming.delivery.exchange == "")
            #expect(handling.incoming.attempts == 0)
        }
        #expect(try await rig.rest(of: BrokerRig.deadLetters).isEmpty)
    }

    @Test("An item that ends every process that handles it convicts only itself")
    func poison() async throws {
        let rig = try await BrokerRig(delays: ["1s"], delay: 50)
        try await rig.publishBundle((0..<20).map { internalMessage("m-\($0)") })
        let crashes = Locked(0)
        var done: Set<String> = []
        var letters: [Delivery] = []
        // Each life ends without settling what it has in hand, as a killed process does.
        while letters.isEmpty || done.count < 20, crashes.withLock({ $0 }) < 20 {
            let recorder = Recorder { handling in
                guard handling.incoming.delivery.properties.messageID == "m-7" else { return .done }
                crashes.withLock { $0 += 1 }
                try await Task.sleep(for: .seconds(3_600))
                return .done
            }
            let before = crashes.withLock { $0 }
            try await rig.live(recorder) {
                _ = await eventually(within: 20) {
                    if crashes.withLock({ $0 }) > before { return true }
                    letters += (try? await rig.takeAll(of: BrokerRig.deadLetters)) ?? []
                    return !letters.isEmpty && done.union(recorder.ids).count == 20
                }
            }
            done.formUnion(recorder.ids)
        }
        #expect(done.count == 20)
        // A life that ends between the confirm of the dead letter and the ack leaves another copy.
        letters += try await rig.rest(of: BrokerRig.deadLetters)
        #expect(Set(letters.map(\.properties.messageID)) == ["m-7"])
        #expect(letters.first?.properties.headers?["refund-reason"] == .text("delivery_limit"))
    }
}

extension Recorder {
    fileprivate var ids: Set<String> {
        Set(all.compactMap(\.incoming.delivery.properties.messageID))
    }
}

extension BrokerRig {
    /// Publishes those as one message to the work queue.
    fileprivate func publishBundle(_ messages: [OutgoingMessage]) async throws {
        let outcomes = try await withBroker(uri) {
            try await BundlingPublisher(base: $0.publisher, exchanges: ["in"]).publish(messages)
        }
        guard !outcomes.contains(where: { $0 != .confirmed }) else {
            throw SupportFailure("not all was confirmed: \(outcomes)")
        }
        guard try await ready(in: Self.work) == 1 else {
            throw SupportFailure("what was published is not one message")
        }
    }

    /// Runs one consumer until `body` is done, then has its connections fall with all it holds.
    fileprivate func live(
        _ handler: some BatchHandler, until body: () async -> Void
    ) async throws {
        let broker = Broker(
            try BrokerConfiguration(uri: uri, connectionName: "worker"), logger: .quiet)
        let consumer = QueueConsumer(
            .init(queue: Self.work, handler: handler, takesBundles: true), instance: "worker-1",
            broker: broker, logger: .quiet)
        await withTaskGroup { tasks in
            tasks.addTask { try? await broker.run() }
            tasks.addTask { try? await consumer.run() }
            await body()
            tasks.cancelAll()
        }
    }
}
