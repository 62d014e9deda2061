import AMQP
import Telemetry
import Testing

@testable import WorkerRuntime

@Suite("What an autoscaler sees of a queue's consumer", .timeLimit(.minutes(5)))
struct QueueLoadTests {
    private let registry = PrometheusRegistry()
    private let load: QueueLoad

    init() {
        WorkerMetrics.describe(in: registry)
        load = QueueLoad(queue: "q", lanes: 4, metrics: registry)
    }

    private static func value(_ metric: String, in registry: PrometheusRegistry) -> Double? {
        registry.text().split(separator: "\n").first { $0.hasPrefix(metric + "{") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }

    private func value(_ metric: String) -> Double? { Self.value(metric, in: registry) }

    private func published(_ seconds: [UInt64?]) -> [Delivery] {
        seconds.map { second in
            var properties = MessageProperties()
            properties.timestamp = second
            return Delivery(
                tag: 1, redelivered: false, exchange: "", routingKey: "", properties: properties,
                headersAreComplete: true, body: [])
        }
    }

    @Test("The oldest message in hand is that of all batches; without one there is none")
    func oldest() {
        let age = "worker_oldest_message_timestamp_seconds"
        let first = load.begin(published([30, 20, nil]))
        #expect(value(age) == 20)
        let second = load.begin(published([10, 40]))
        #expect(value(age) == 10)
        let third = load.begin(published([nil]))
        #expect(value("worker_batches_in_hand") == 3)
        load.end(second)
        #expect(value(age) == 20)
        load.end(first)
        #expect(value(age) == 0)
        load.end(third)
        #expect(value("worker_batches_in_hand") == 0)
    }

    @Test("A batch is in hand while it is handled, and its time is counted at its end")
    func busy() async {
        let (registry, journal) = (registry, Journal())
        let processor = BatchProcessor(
            queue: "q",
            handler: FakeHandler(journal: journal) { batch in
                #expect(Self.value("worker_batches_in_hand", in: registry) == 1)
                #expect(Self.value("worker_busy_seconds_total", in: registry) == 0)
                return Handled(dispositions: batch.map { _ in .done })
            },
            publisher: FakePublisher(journal), failures: FailureMessages(consumer: "c"),
            logger: quiet, load: load)
        await processor.process(
            FakeBatch(deliveries: [delivery()], journal: journal), suspects: { _ in }
        ) { _ in }
        #expect(journal.steps == [.handled([1]), .acked([1])])
        #expect(value("worker_batches_in_hand") == 0)
        #expect(value("worker_busy_seconds_total").map { $0 > 0 } == true)
        #expect(value("worker_lanes") == 4)
    }

    @Test(
        "Each is explained",
        arguments: [
            "worker_batches_in_hand", "worker_lanes", "worker_busy_seconds_total",
            "worker_oldest_message_timestamp_seconds",
        ])
    func help(_ metric: String) throws {
        let help = try #require(
            registry.text().split(separator: "\n").first { $0.hasPrefix("# HELP \(metric) ") })
        #expect(help.contains("queue") || help.contains("message"))
    }
}
