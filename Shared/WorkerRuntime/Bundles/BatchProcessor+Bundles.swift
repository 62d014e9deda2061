import AMQP
import Metrics

extension BatchProcessor {
    /// Takes apart what came back, before anything is handled that may end the process.
    func takeApart(_ batch: OpenedBatch<some ConsumedBatch>, _ aside: @escaping Aside) async {
        guard let bundles else { return }
        let parts = batch.deliveries.filter { $0.headersAreComplete && bundles.isForParts($0) }
        guard !parts.isEmpty else { return }
        count(parts.count, "taken_apart")
        await settleBundles(
            parts.map { Incoming($0, queue: queue, names: failures.names) }, batch, aside)
    }

    /// Adds the items of a bundle to what is handled together.
    ///
    /// - Returns: false where it is no bundle.
    func open(
        _ delivery: Delivery, of batch: OpenedBatch<some ConsumedBatch>,
        into fresh: inout [Incoming], _ aside: @escaping Aside
    ) async -> Bool {
        guard let bundles, bundles.isBundle(delivery) else { return false }
        if bundles.isForParts(delivery) { return true }
        do throws(BundleFault) {
            let (readable, unreadable) = try bundles.items(of: delivery)
            batch.open(delivery, items: readable.count + unreadable.count)
            count(1, "opened")
            fresh += readable
            if !unreadable.isEmpty { await settleBundles(unreadable, batch, aside) }
        } catch {
            count(1, "unreadable")
            await settleBundles(
                [Incoming(delivery, queue: queue, names: failures.names)], batch, aside)
        }
        return true
    }

    private func settleBundles(
        _ group: [Incoming], _ batch: OpenedBatch<some ConsumedBatch>, _ aside: @escaping Aside
    ) async {
        guard let bundles else { return }
        var processor = self
        processor.handler = FailureLoggingHandler(
            base: BundleHandler(opening: bundles, now: now), logger: logger)
        await processor.settle(group, of: batch, aside)
    }

    private func count(_ bundles: Int, _ fate: String) {
        Counter(label: "worker_bundles_total", dimensions: [("queue", queue), ("fate", fate)])
            .increment(by: bundles)
    }
}
