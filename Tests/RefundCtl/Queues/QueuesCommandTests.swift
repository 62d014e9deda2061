import AMQP
import Foundation
import TestSupport
import Testing

@testable import RefundCtl

/// `refundctl queues` as a process, on a real broker with its management plugin, beside a worker.
@Suite(.timeLimit(.minutes(10))) struct QueuesCommandTests {
    private struct Row: Decodable {
        var queue: String
        var ready: Int?
        var unacked: Int?
        var consumers: Int?
        var inPerSecond: Double?
        var oldestSeconds: Int?
    }

    private struct Rig {
        let broker: PrivateBroker
        let management: String

        init() async throws {
            let port = try FreePort.take()
            management = "http://127.0.0.1:\(port)"
            broker = try await PrivateBroker.start(
                configuration: """
                    management.tcp.ip = 127.0.0.1
                    management.tcp.port = \(port)

                    """, plugins: ["rabbitmq_management"])
            let definitions = Repository.path("deploy/rabbitmq/definitions.json")
            let arguments = ["--definitions", definitions, "--amqp-url", broker.url]
            try #require(await RefundCtl.run(["topology", "apply"] + arguments) == ExitStatus.done)
        }

        /// - Returns: what it printed on both outputs.
        func queues(_ arguments: String..., management: String? = nil) async throws -> String {
            let process = try ServiceProcess(
                "refundctl", arguments: ["queues"] + arguments,
                environment: [
                    "AMQP_URL": broker.url,
                    "REFUND_DEFINITIONS": Repository.path("deploy/rabbitmq/definitions.json"),
                    "REFUND_MANAGEMENT_URL": management ?? self.management,
                ])
            #expect(try await process.waitForEnd(within: 240) == 0)
            return process.output
        }

        func row(_ queue: String, _ arguments: String) async throws -> Row? {
            let line = try await queues("--json", arguments).split(separator: "\n")
                .first { $0.hasPrefix("[") }
            return try JSONDecoder().decode([Row].self, from: Data((line ?? "").utf8))
                .first { $0.queue == queue }
        }
    }

    @Test func eachQueueShowsWhatWaitsWhoHoldsItAndHowFastItGoes() async throws {
        let rig = try await Rig()
        let port = try FreePort.take()
        let worker = try ServiceProcess(
            "monitoring",
            environment: [
                "AMQP_URL": rig.broker.url, "DATA_DIR": rig.broker.directory + "/data",
                "HTTP_PORT": "\(port)",
            ], httpPort: port)
        try await worker.waitUntilReady()
        let metrics = "--metrics-url=http://127.0.0.1:\(port)"
        let queue = "refund.checks.pca"
        try await withBroker(rig.broker.url) { broker in
            let message = OutgoingMessage(exchange: "refund.checks", routingKey: "pca", body: [1])
            let sent = try await broker.publisher.publish([message, message, message])
            #expect(sent == [.confirmed, .confirmed, .confirmed])
            let consumer = broker.consumer(queue: queue, prefetch: 2, maxBatch: 1)
            #expect(await eventually { await broker.snapshots().consuming?.held == 2 })
            // The broker's statistics are some seconds old.
            let isHeld = try await eventually(within: 240) {
                let row = try await rig.row(queue, metrics)
                return row?.ready == 1 && row?.unacked == 2 && row?.consumers == 1
            }
            #expect(isHeld)
            let isFlowing = try await eventually(within: 240) {
                _ = try await broker.publisher.publish([message])
                return try await rig.row(queue, metrics)?.inPerSecond.map { $0 > 0 } == true
            }
            #expect(isFlowing)
            await consumer.cancel()
        }
        var shown = ""
        let allAnswer = try await eventually {
            shown = try await rig.queues(metrics)
            return !shown.contains("refundctl:")
        }
        #expect(allAnswer, "\(shown)")
        let lines = shown.split(separator: "\n")
        #expect(
            lines.first?.split(separator: " ") == [
                "QUEUE", "READY", "UNACKED", "CONSUMERS", "IN/S", "OUT/S", "OLDEST",
            ])
        // The worker was asked and has nothing in hand; of the others nobody was asked.
        #expect(lines.first { $0.hasPrefix("refund.checks.monitoring ") }?.last == "–")
        #expect(lines.first { $0.hasPrefix("\(queue) ") }?.last == "?")
        #expect(try await worker.terminate() == 0)
    }

    @Test func aSourceThatCannotBeAskedIsNamedAndTheRestIsShown() async throws {
        let rig = try await Rig()
        let closed = "http://127.0.0.1:\(try FreePort.take())"
        let unreachable = try await rig.queues("--metrics-url", closed, management: closed)
        #expect(unreachable.contains("UNACKED, IN/S and OUT/S: \(closed)/api/queues/%2F?"))
        #expect(unreachable.contains("OLDEST: \(closed)/metrics does not answer"))
        #expect(unreachable.contains("refund.requests"))
        let wrong = rig.management.replacing("http://", with: "http://guest:wrong@")
        let refused = try await rig.queues(management: wrong)
        #expect(refused.contains("refuses the user: its tag must be management"))
        #expect(!refused.contains("wrong"), "no password is printed")
        #expect(refused.contains("OLDEST: say with --metrics-url"))
    }
}
