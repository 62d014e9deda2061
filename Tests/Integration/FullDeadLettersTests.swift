import AMQP
import Foundation
import RefundMessages
import TestSupport
import Testing

extension IntegrationTests {
    /// The queue of dead letters is bounded. What does not fit stays where it came from.
    @Suite struct FullDeadLettersTests {
        private static let queue = "refund.dead-letters"
        private static let expiring = "test.expiring"
        private static let bound = 20
        /// Dead letters published together, and how often at most: a quorum queue tells a publisher
        /// that it is full only after it took what passed its bound.
        private static let wave = 10
        private static let mostWaves = 30
        /// Of those that the broker gives up.
        private static let expired = 5

        @Test(
            "Full, they hold up nothing but themselves, and all come to the store once it drains",
            .timeLimit(.minutes(10)))
        func full() async throws {
            try await RefundSystem.with([]) { system in
                try await bind(system)
                try await system.start([.orchestrator, .repository])
                let bad = try await publishUntilHeld(system)

                // Their neighbours are refunded, whichever side of them they come in.
                try await system.run(ScenarioKind.unused(.repository).scenario("good-1"))
                try await system.publish(
                    (0..<Self.expired).map {
                        OutgoingMessage(exchange: "", routingKey: Self.expiring, body: [UInt8($0)])
                    })
                let areKept = try await eventually {
                    try await counts(system)[Self.expiring] == Self.expired
                }
                #expect(areKept, "the broker keeps what it gave up itself in its queue")
                try await system.run(ScenarioKind.unused(.repository).scenario("good-2"))
                #expect(
                    try await eventually {
                        let (held, taken) = (try await held(system), try await taken(system))
                        return held > 0 && taken + held == bad.count
                    })

                try await system.start([.deadLetters])
                let count = bad.count + Self.expired
                #expect(try await eventually(within: 240) { try await stored(system) == count })
                #expect(try await eventually { try await held(system) == 0 })
                let areEmpty = try await eventually {
                    try await counts(system).values.allSatisfy { $0 == 0 }
                }
                #expect(areEmpty, "something is left in a queue")
                // Each is there, and none of them twice.
                let ids = try await system.query(
                    "dead-letters",
                    "SELECT message_id FROM dead_letters WHERE reason = 'malformed_json'")
                #expect(ids.map { $0[0] }.sorted() == bad.sorted())
                let own = try await system.query(
                    "dead-letters",
                    "SELECT queue FROM dead_letters WHERE reason = 'expired'")
                #expect(own == Array(repeating: [Self.expiring], count: Self.expired))
            }
        }

        /// Makes the queue anew with a small bound, and one whose messages the broker gives up at once.
        private func bind(_ system: RefundSystem) async throws {
            // Until what a full queue refused is tried again; the broker's default is three minutes.
            try await system.broker.control(
                "eval",
                "application:set_env(rabbit, dead_letter_worker_publisher_confirm_timeout, 1000).")
            let text = { (text: String) in FieldValue.string(Array(text.utf8)) }
            let topology = system.client.topology()
            _ = try await topology.deleteQueue(Self.queue)
            let arguments: [(key: String, value: FieldValue)] = [
                ("x-queue-type", text("quorum")), ("x-overflow", text("reject-publish")),
            ]
            try await topology.declare(
                QueueDeclaration(
                    name: Self.queue,
                    arguments: FieldTable(arguments + [("x-max-length", .int64(Int64(Self.bound)))])
                ))
            for exchange in [Self.queue, "refund.unroutable"] {
                try await topology.bind(
                    queue: Self.queue, to: Binding(exchange: exchange, routingKey: "#"))
            }
            try await topology.declare(
                QueueDeclaration(
                    name: Self.expiring,
                    arguments: FieldTable(
                        arguments + [
                            ("x-dead-letter-exchange", text(Self.queue)),
                            ("x-dead-letter-routing-key", text(Self.expiring)),
                            ("x-dead-letter-strategy", text("at-least-once")),
                            ("x-message-ttl", .int64(1)),
                        ])))
        }

        /// Publishes messages that are no JSON until some of them find no place.
        /// - Returns: their ids.
        private func publishUntilHeld(_ system: RefundSystem) async throws -> [String] {
            var ids: [String] = []
            for wave in 1...Self.mostWaves {
                let new = (0..<Self.wave).map { "bad-\(wave)-\($0)" }
                ids += new
                try await system.publish(
                    new.map {
                        .json("refund.requests", "request", type: nil, Array("no".utf8), id: $0)
                    })
                // Each is in the queue of dead letters, or held: none is anywhere else.
                let count = ids.count
                let areSettled = try await eventually {
                    try await taken(system) + held(system) == count
                }
                try #require(areSettled, "of \(count), not all are there")
                if try await held(system) > 0 { return ids }
            }
            throw SupportFailure("\(ids.count) dead letters found a place where 20 fit")
        }

        private func taken(_ system: RefundSystem) async throws -> Int {
            try await system.client.topology().checkQueue(Self.queue).messages
        }

        /// Of all queues; 0 where the metric is not there yet.
        private func held(_ system: RefundSystem) async throws -> Int {
            let orchestrator = try #require(system.processes(.orchestrator).first)
            return try await orchestrator.get("/metrics").body.split(separator: "\n")
                .filter { $0.hasPrefix("worker_held_messages{") }
                .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
        }

        private func stored(_ system: RefundSystem) async throws -> Int {
            try await system.query("dead-letters", "SELECT id FROM dead_letters").count
        }

        /// All messages of each queue, those that it gave up and still keeps too; without the queues
        /// of the tests' own subscriptions.
        private func counts(_ system: RefundSystem) async throws -> [String: Int] {
            let list = try await system.broker.control(
                "list_queues", "--quiet", "--no-table-headers", "name", "messages")
            let rows = list.split(separator: "\n").map {
                $0.split(separator: "\t").map(String.init)
            }
            return Dictionary(
                rows.compactMap { row in
                    guard row.count == 2, !row[0].hasPrefix("amq.") else { return nil }
                    return Int(row[1]).map { (row[0], $0) }
                }, uniquingKeysWith: +)
        }
    }
}
