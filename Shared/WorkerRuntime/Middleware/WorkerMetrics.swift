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
                "worker_batches_in_hand",
                "Batches taken from the queue and not yet settled, by queue; worker_lanes at most."
            ),
            ("worker_lanes", "Batches that this process handles at once, at most, by queue."),
            (
                "worker_busy_seconds_total",
                "Time with a batch in hand, summed over lanes, counted at the end of each, by queue."
            ),
            (
                "worker_oldest_message_timestamp_seconds",
                "When the oldest message in hand was published, as it says; 0: none in hand."
            ),
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
