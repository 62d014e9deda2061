import AMQP
import Telemetry

/// What the metrics of the runtime and of the broker's library mean.
enum WorkerMetrics {
    static func describe(in registry: PrometheusRegistry) {
        for (name, help) in [
            (
                "worker_messages_handled_total",
                "Messages handled, by queue and what became of them: done, wait, retry, dead_letter."
            ),
            (
                "worker_bundles_total",
                "Bundles of messages delivered, by queue and fate: opened, taken_apart, unreadable."
            ),
            ("worker_bundle_messages", "Messages published as one bundle, by exchange."),
            ("worker_handling_seconds", "Time to handle one batch, by queue."),
            ("worker_batch_messages", "Messages handled together, by queue."),
            (
                "worker_held_messages",
                "Messages handled and not acked: the broker takes not yet what follows from them."
            ),
        ] {
            registry.describe(name, help)
        }
        for metric in BrokerMetric.allCases { registry.describe(metric.rawValue, metric.help) }
    }
}
