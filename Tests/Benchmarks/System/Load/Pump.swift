import Foundation
import TestSupport

/// The raw pump's two services. Its flow has the hops and the sizes of the system's.
final class Pump: Sendable {
    let flow: Flow
    private let installation: Installation
    private let sizes: MessageSizes
    private let relays = Locked<[ServiceProcess]>([])

    init(_ installation: Installation, _ sizes: MessageSizes) {
        self.installation = installation
        self.sizes = sizes
        flow = Flow(url: installation.pumpURL, directory: installation.directory)
    }

    func start() async throws {
        for role in ["orchestrator", "worker"] {
            let bytes = [sizes.check, sizes.result, sizes.settle, sizes.outcome]
            let relay = try ServiceProcess(
                executable: Programs.path("raw-amqp"), name: "relay",
                arguments: ["relay", installation.pumpURL, role] + bytes.map { "\($0)" },
                environment: [:])
            try await relay.waitForLine("ready", within: 30)
            relays.withLock { $0.append(relay) }
        }
    }

    func stop() async throws {
        let ending = relays.withLock { relays in
            defer { relays = [] }
            return relays
        }
        for relay in ending { try await relay.kill() }
    }

    /// Seconds of CPU so far.
    func cpuSeconds() -> Double {
        relays.withLock { $0 }.compactMap { ProcessFigures(pid: $0.pid)?.cpuSeconds }.reduce(0, +)
    }
}
