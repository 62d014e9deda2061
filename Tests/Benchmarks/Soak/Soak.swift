import AMQP
import ArgumentParser
import Foundation
import Logging
import TestSupport

/// Runs one client for long, and fails where it grows: memory, descriptors and threads.
struct Soak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Many reconnects, then many messages: does the client grow?")

    @Option(help: "Connections cut and made again: two for each cut.")
    var reconnects = 10_000
    @Option(help: "Messages published and consumed.")
    var messages = 1_000_000
    @Option(help: "MiB that resident memory may grow by after the first tenth.")
    var growth = 4.0

    func run() async throws {
        let node = try await PrivateBroker.start()
        var isFlat = true
        if reconnects > 0 { isFlat = try await reconnecting(node) }
        if messages > 0 { isFlat = try await publishing(node) && isFlat }
        try await node.stop()
        guard isFlat else { throw ExitCode.failure }
    }

    /// Both connections are cut while messages are under way both ways, again and again; in the end
    /// everything confirmed must have been received.
    private func reconnecting(_ node: PrivateBroker) async throws -> Bool {
        let proxy = try CuttingProxy(to: node.port)
        defer { proxy.stop() }
        let uri = "amqp://guest:guest@127.0.0.1:\(proxy.port)/"
        return try await withBroker(
            uri, name: "soak",
            configure: {
                $0.backoffFirst = .milliseconds(1)
                $0.backoffMost = .milliseconds(20)
            }
        ) { broker in
            let load = try await SoakLoad(broker)
            var growth = Growth("reconnects", of: reconnects, bound: self.growth)
            for cut in 1...max(reconnects / 2, 1) {
                try await load.awaitConnections()
                let publishing = Task { try await load.publish(SoakLoad.burst) }
                // Somewhere between the first frame and the last confirm.
                try await Task.sleep(for: .microseconds(Int.random(in: 0...4_000)))
                proxy.cut()
                try await publishing.value
                growth.look(at: cut * 2)
            }
            try await load.awaitConnections()
            try await load.awaitEverything()
            print(
                "confirmed \(load.confirmedCount), every one received; not confirmed when cut "
                    + "\(load.unsureCount)")
            await load.end()
            return growth.isFlat
        }
    }

    private func publishing(_ node: PrivateBroker) async throws -> Bool {
        try await withBroker(node.url, name: "soak") { broker in
            let load = try await SoakLoad(broker, bodyBytes: 500)
            var growth = Growth("messages", of: messages, bound: self.growth)
            let batch = 500
            for first in stride(from: 0, to: messages, by: batch) {
                try await load.publish(min(batch, messages - first))
                growth.look(at: first + batch)
            }
            try await load.awaitEverything()
            print("confirmed \(load.confirmedCount), every one received")
            await load.end()
            return growth.isFlat
        }
    }
}
