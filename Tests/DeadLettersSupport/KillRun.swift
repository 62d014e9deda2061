import AMQP
import Foundation
import TestSupport
import WorkerRuntime

/// Kills the service at random moments while it drains and replays one set of messages, to a queue
/// that a service of ours works off.
package struct KillRun {
    /// What became of the messages.
    package struct Result {
        package var kills: Int
        /// Dead letters in the store, and of them in the state `resolved`.
        package var stored: Int
        package var resolved: Int
        /// Messages that came to the queue that they were replayed to, and different ones among them.
        package var copies: Int
        package var distinct: Int

        /// Each in exactly one state, none lost, and none twice in the store. At the queue a message
        /// may be twice, under one message id and one replay's name, where the service was killed
        /// between the broker's having it and knowing that: no more than one burst a kill.
        package func isRight(_ count: Int) -> Bool {
            stored == count && resolved == count && distinct == count
                && copies - distinct <= kills * 512
        }
    }

    private let count: Int
    private let kills: Int
    /// How long the service runs before it is killed.
    private static let life: ClosedRange<Int> = 20...1_500

    package init(count: Int, kills: Int) {
        self.count = count
        self.kills = kills
    }

    package func run() async throws -> Result {
        var result = Result(kills: 0, stored: 0, resolved: 0, copies: 0, distinct: 0)
        try await DeadLetterSystem.with { system in
            let half = kills / 2
            async let publishing: Void = system.publish(
                (0..<count).map { DeadLetterSamples.fromService("{\"n\":\($0)}", id: "m-\($0)") })
            for _ in 0..<half { try await kill(system) }
            try await publishing
            try await system.process.waitUntilReady()
            let wanted = count
            _ = try await eventually(within: 240) { try await system.total() >= wanted }
            result.stored = try await system.total()

            // Slow enough that the kills meet the job at work.
            let job = """
                {"key":"kill","action":"replay","ratePerSecond":\(max(200, count / max(1, kills / 2))),
                 "queue":"refund.reviews","select":{"filter":{}},"start":true}
                """
            let handler = Seen()
            let consumer = QueueConsumer(
                .init(queue: "refund.reviews", handler: handler), instance: "test-1",
                broker: system.client, logger: .quiet)
            let serving = Task { try await consumer.run() }
            let id = try await system.call("POST", "/v1/jobs", body: job).json["id"] as? String
            for _ in half..<kills { try await kill(system) }
            try await system.process.waitUntilReady()
            let ended = try await system.finished(id ?? "", within: 300)
            guard ended["done"] as? Int == count else { throw SupportFailure("\(ended)") }
            _ = try await eventually(within: 240) { try await system.total("resolved") >= wanted }
            serving.cancel()
            _ = await serving.result
            result.kills = kills
            result.stored = try await system.total()
            result.resolved = try await system.total("resolved")
            let ids = handler.ids.withLock { $0 }
            result.copies = ids.count
            result.distinct = Set(ids).count
        }
        return result
    }

    /// Processes everything, and keeps the message ids.
    private final class Seen: BatchHandler {
        let ids = Locked<[String]>([])

        func handle(_ batch: [Incoming]) async throws -> Handled {
            // What the broker delivers again was not sent again.
            let fresh = batch.filter { !$0.delivery.redelivered }
            ids.withLock { $0 += fresh.compactMap(\.delivery.properties.messageID) }
            return Handled(dispositions: batch.map { _ in .done })
        }
    }

    /// Lets it live for a random time, kills it, starts it again.
    private func kill(_ system: DeadLetterSystem) async throws {
        try await Task.sleep(for: .milliseconds(Int.random(in: Self.life)))
        try await system.process.kill()
        try system.launch()
    }
}
