import Logging
import Synchronization
import Telemetry
import Testing

@testable import WorkerRuntime

/// Keeps the reason of each line.
private struct Reasons: LogHandler {
    final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.all.withLock { $0.append("\(event.level) \(event.metadata?["reason"] ?? "-")") }
    }
}

@Suite("What is held", .timeLimit(.minutes(5))) struct HoldTests {
    @Test("is counted while it is held, over all holds of a queue")
    func gauge() async {
        let registry = PrometheusRegistry()
        let held = { (count: Int) in
            registry.text().contains("worker_held_messages{queue=\"q\"} \(count)\n")
        }
        var first = Hold(queue: "q", logger: quiet, metrics: registry)
        var second = Hold(queue: "q", logger: quiet, metrics: registry)
        #expect(held(0))
        #expect(await first.pause(3, because: "full"))
        #expect(await second.pause(2, because: "full"))
        #expect(held(5))
        #expect(await first.pause(1, because: "full"))
        #expect(held(3))
        first.end()
        second.end()
        #expect(held(0))
    }

    @Test("is said once for each change of the reason, and once when it is over")
    func lines() async {
        let lines = Reasons.Lines()
        let logger = Logger(label: "test") { _ in Reasons(lines: lines) }
        var hold = Hold(queue: "q", logger: logger)
        for reason in ["full", "full", "away"] { _ = await hold.pause(1, because: reason) }
        hold.end()
        #expect(lines.all.withLock { $0 } == ["warning full", "warning away", "info "])
        var unused = Hold(queue: "q", logger: logger)
        unused.end()
        #expect(lines.all.withLock { $0.count } == 3)
    }
}
