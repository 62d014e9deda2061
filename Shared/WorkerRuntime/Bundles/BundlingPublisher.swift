import AMQP
import Metrics

/// Publishes what goes from one service to another in bundles, and everything else as it is.
///
/// Each message's outcome is that of the bundle it was in.
struct BundlingPublisher: MessagePublisher {
    let base: any MessagePublisher
    /// Those whose messages may share a bundle.
    let exchanges: Set<String>
    /// Items of one bundle; with 1 there are none.
    var most = Bundle.mostItems
    var names = RuntimeNames()

    func publish(_ messages: [OutgoingMessage]) async throws -> [PublishOutcome] {
        guard most > 1, messages.count > 1 else { return try await base.publish(messages) }
        let packing = BundlePacking(messages, to: exchanges, most: most, names: names)
        for (exchange, items) in packing.bundles {
            Recorder(label: "worker_bundle_messages", dimensions: [("exchange", exchange)])
                .record(items)
        }
        return packing.outcomes(of: try await base.publish(packing.messages))
    }
}
