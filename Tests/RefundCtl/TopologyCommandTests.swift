import AMQP
import Foundation
import TestSupport
import Testing

@testable import RefundCtl

/// The commands that need no service, on a real broker.
@Suite(.timeLimit(.minutes(10)))
struct TopologyCommandTests {
    private static let definitions = Repository.path("deploy/rabbitmq/definitions.json")

    private func run(_ url: String, _ arguments: String...) async -> Int32 {
        await RefundCtl.run(arguments + ["--amqp-url", url])
    }

    @Test func applyMakesWhatCheckFindsAndCheckNamesWhatDiffers() async throws {
        let broker = try await PrivateBroker.shared()
        let url = broker.url(virtualHost: try await broker.makeVirtualHost())
        let file = ["--definitions", Self.definitions, "--amqp-url", url]
        #expect(await RefundCtl.run(["topology", "check"] + file) == ExitStatus.failed)
        #expect(await RefundCtl.run(["topology", "apply"] + file) == ExitStatus.done)
        #expect(await RefundCtl.run(["topology", "apply"] + file) == ExitStatus.done)
        #expect(await RefundCtl.run(["topology", "check"] + file) == ExitStatus.done)
        #expect(await RefundCtl.run(["queues"] + file) == ExitStatus.done)

        let described = try Definitions.load(Self.definitions)
        let queue = try #require(described.queues.first { $0.name == "refund.checks.pca" })
        try await withBroker(url) { broker in
            let topology = broker.topology()
            #expect(try await topology.difference(queue) == nil)
            try await topology.deleteQueue(queue.name)
            #expect(
                try await topology.difference(queue) == "queue refund.checks.pca is missing")
            var other = queue
            other.arguments["x-delivery-limit"] = .int64(7)
            try await topology.declare(other)
            let difference = try #require(try await topology.difference(queue))
            #expect(difference.contains("x-delivery-limit"), "\(difference)")
        }
        #expect(await RefundCtl.run(["topology", "check"] + file) == ExitStatus.failed)
        #expect(await RefundCtl.run(["topology", "apply"] + file) == ExitStatus.failed)
    }

    @Test func whatNoQueueTakesBecomesADeadLetter() async throws {
        let broker = try await PrivateBroker.shared()
        let url = broker.url(virtualHost: try await broker.makeVirtualHost())
        let applied = await run(url, "topology", "apply", "--definitions", Self.definitions)
        #expect(applied == ExitStatus.done)
        let path = NSTemporaryDirectory() + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        let text = #"""
            {"exchange":"refund.facts","routingKey":"order","body":{"orderId":"o-1"}}
            {"exchange":"refund.facts","routingKey":"usage.teleport","body":{}}
            """#
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        #expect(await run(url, "publish", path, "--json") == ExitStatus.done)
        try await withBroker(url) { broker in
            let topology = broker.topology()
            let arrived = try await eventually {
                try await topology.checkQueue("refund.dead-letters").messages == 1
            }
            #expect(arrived)
            let orders = try await topology.checkQueue("refund.facts.orders")
            #expect(orders.messages == 1)
        }
        #expect(await run(url, "dead-letters", "count") == ExitStatus.done)
    }

    @Test func aBrokerThatRefusesTheUserIsAFailureWithItsReason() async throws {
        let broker = try await PrivateBroker.shared()
        let url = broker.url(user: "guest", password: "wrong")
        #expect(await run(url, "dead-letters", "count") == ExitStatus.failed)
    }
}
