import AMQP
import Telemetry

/// What becomes of the bundles of one queue. Pure.
struct BundleOpening: Sendable {
    let queue: String
    let failures: FailureMessages

    private var names: RuntimeNames { failures.names }

    /// Whether the message says that it is one.
    func isBundle(_ delivery: Delivery) -> Bool { delivery.properties.type == names.bundleType }

    /// Whether it is not handled as it is: each of its items goes back to the queue as a message of
    /// its own. So what may be wrong with one item, as ending its process, is found out about that
    /// item alone. A bundle that an operator has sent again goes the same way.
    func isForParts(_ delivery: Delivery) -> Bool {
        isBundle(delivery) && (delivery.redelivered || delivery.exchange.isEmpty)
    }

    /// The items as a handler sees them, and the lines that are none.
    func items(
        of bundle: Delivery
    ) throws(BundleFault) -> (readable: [Incoming], unreadable: [Incoming]) {
        let items = try BundleReader.items(of: bundle.body)
        let incoming = { (item: BundleItem) in self.incoming(item, of: bundle) }
        return (
            items.filter(\.isReadable).map(incoming), items.filter { !$0.isReadable }.map(incoming)
        )
    }

    /// The items as messages of their own. They come through the shortest delay: a service may not
    /// publish to its own queue by any other way.
    func parts(of bundle: Incoming, at now: WallTime) throws(BundleFault) -> [OutgoingMessage] {
        var delivery = bundle.delivery
        (delivery.exchange, delivery.routingKey) = (bundle.exchange, bundle.routingKey)
        let (readable, unreadable) = try items(of: delivery)
        let ways =
            readable.map { failures.wait($0, at: now) }
            + unreadable.map { failures.deadLetter($0, unreadableItem, at: now) }
        var messages: [OutgoingMessage] = []
        for way in ways {
            guard case .publish(let message) = way else {
                throw BundleFault(detail: "An item of the bundle cannot be a message of its own.")
            }
            messages.append(message)
        }
        return messages
    }

    /// For a line that is no item.
    var unreadableItem: DeadLetter {
        DeadLetter(reason: names.unreadableReason, detail: "The line of a bundle is no item of it.")
    }

    /// For a bundle whose items cannot be told.
    func unreadable(_ fault: BundleFault) -> DeadLetter {
        DeadLetter(reason: names.unreadableReason, detail: fault.detail)
    }

    private func incoming(_ item: BundleItem, of bundle: Delivery) -> Incoming {
        Incoming(
            Delivery(
                tag: bundle.tag, redelivered: false, exchange: bundle.exchange,
                routingKey: bundle.routingKey, properties: item.properties, body: item.body),
            queue: queue, names: names)
    }
}

/// Takes bundles apart, and puts away those that have no items and lines that are none.
struct BundleHandler: BatchHandler {
    let opening: BundleOpening
    let now: @Sendable () -> WallTime

    func handle(_ batch: [Incoming]) async throws -> Handled {
        var handled = Handled(dispositions: [])
        for incoming in batch {
            guard opening.isBundle(incoming.delivery) else {
                handled.dispositions.append(.deadLetter(opening.unreadableItem))
                continue
            }
            do throws(BundleFault) {
                handled.messages += try opening.parts(of: incoming, at: now())
                handled.dispositions.append(.done)
            } catch {
                handled.dispositions.append(.deadLetter(opening.unreadable(error)))
            }
        }
        return handled
    }
}
