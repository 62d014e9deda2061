import AMQP
import Synchronization

/// A batch whose bundles are opened: their items are settled one by one, as messages are, and a
/// bundle is settled once all of its items are.
///
/// An item's delivery has its bundle's tag. Where one item is to come again the bundle does, and its
/// neighbours with it: handling is idempotent.
final class OpenedBatch<Base: ConsumedBatch>: ConsumedBatch {
    private struct Open {
        var items: Int
        /// To go back to its queue.
        var isReturned = false
        /// To go to the broker's dead-letter exchange.
        var isRejected = false
    }

    private let base: Base
    /// By tag.
    private let bundles = Mutex<[UInt64: Open]>([:])

    init(_ base: Base) { self.base = base }

    var deliveries: [Delivery] { base.deliveries }
    var isCurrent: Bool { base.isCurrent }

    /// From now on that delivery is settled by that many items.
    func open(_ delivery: Delivery, items: Int) {
        precondition(items > 0, "a bundle has items")
        bundles.withLock { $0[delivery.tag] = Open(items: items) }
    }

    func ack(_ deliveries: [Delivery]) async {
        var acked: [Delivery] = []
        for delivery in deliveries {
            guard let ended = settle(delivery, { _ in }) else { continue }
            if ended.isReturned || ended.isRejected {
                await base.reject(delivery, requeue: ended.isReturned)
            } else {
                acked.append(delivery)
            }
        }
        if !acked.isEmpty { await base.ack(acked) }
    }

    func reject(_ delivery: Delivery, requeue: Bool) async {
        let ended = settle(delivery) { bundle in
            if requeue { bundle.isReturned = true } else { bundle.isRejected = true }
        }
        // What is to come again is not given up, whatever its neighbours are.
        if let ended { await base.reject(delivery, requeue: ended.isReturned) }
    }

    /// - Returns: how the delivery ends, nil where items of its bundle are still unsettled.
    private func settle(_ delivery: Delivery, _ note: (inout Open) -> Void) -> Open? {
        bundles.withLock { bundles in
            var bundle = bundles[delivery.tag] ?? Open(items: 1)
            note(&bundle)
            bundle.items -= 1
            bundles[delivery.tag] = bundle.items == 0 ? nil : bundle
            return bundle.items == 0 ? bundle : nil
        }
    }
}
