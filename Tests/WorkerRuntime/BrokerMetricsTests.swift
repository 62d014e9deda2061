import AMQP
import Logging
import Telemetry
import TestSupport
import Testing

@testable import WorkerRuntime

@Suite("What a service shows of its broker")
struct BrokerMetricsTests {
    @Test(
        "each metric of the AMQP library is shown with its explanation",
        arguments: BrokerMetric.allCases)
    func help(_ metric: BrokerMetric) throws {
        let registry = PrometheusRegistry()
        WorkerMetrics.describe(in: registry)
        let configuration = try BrokerConfiguration(uri: "amqp://", connectionName: "t")
        _ = Broker(configuration, logger: .quiet, metrics: registry)
        #expect(registry.text().contains("# HELP \(metric.rawValue) \(metric.help)\n# TYPE"))
    }
}
