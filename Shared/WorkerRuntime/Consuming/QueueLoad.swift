import AMQP
import Metrics
import Synchronization

/// What of a queue this process has in hand, for whoever decides how many processes there should be.
///
/// A queue gives its oldest messages first: what is still ready there is younger than the oldest in
/// hand, unless it came back.
final class QueueLoad: Sendable {
    /// A batch in hand.
    struct Work {
        fileprivate var number: UInt64
        fileprivate var since: ContinuousClock.Instant
    }

    private struct State {
        var begun: UInt64 = 0
        /// Of each batch in hand, when its oldest message was published; no more than there are lanes.
        var oldest: [UInt64: UInt64] = [:]
    }

    private let state = Mutex(State())
    private let batches: Meter
    private let oldest: Meter
    private let busySeconds: FloatingPointCounter

    /// - Parameter lanes: batches handled at the same time, at most.
    init(queue: String, lanes: Int, metrics: any MetricsFactory = MetricsSystem.factory) {
        let dimensions = [("queue", queue)]
        let meter = { Meter(label: $0, dimensions: dimensions, factory: metrics) }
        batches = meter("worker_batches_in_hand")
        oldest = meter("worker_oldest_message_timestamp_seconds")
        busySeconds = FloatingPointCounter(
            label: "worker_busy_seconds", dimensions: dimensions, factory: metrics)
        meter("worker_lanes").set(lanes)
    }

    /// A batch was taken. Messages without a `timestamp` say nothing of their age.
    func begin(_ deliveries: [Delivery]) -> Work {
        let published = deliveries.lazy.compactMap(\.properties.timestamp).min()
        batches.increment()
        let number = state.withLock { state in
            state.begun += 1
            if let published {
                state.oldest[state.begun] = published
                show(state)
            }
            return state.begun
        }
        return Work(number: number, since: .now)
    }

    /// All of it is settled, or set aside.
    func end(_ work: Work) {
        busySeconds.increment(by: (.now - work.since) / .seconds(1))
        batches.decrement()
        state.withLock { state in
            if state.oldest.removeValue(forKey: work.number) != nil { show(state) }
        }
    }

    private func show(_ state: State) {
        oldest.set(Double(state.oldest.values.min() ?? 0))
    }
}
