internal import Logging

/// Subscriptions, deliveries and settlements.
extension Connection {
    func subscribe(_ consumer: ConsumerState) {
        let subscription = Subscription(
            consumer,
            backoff: Backoff(
                first: Nanoseconds(configuration.backoffFirst),
                most: Nanoseconds(configuration.backoffMost)))
        subscriptions[ObjectIdentifier(consumer)] = subscription
        if isUp { performNow(subscription.machine.connected(), subscription) }
    }

    func unsubscribe(
        _ consumer: ConsumerState, _ waiter: CheckedContinuation<Void, Never>?
    ) {
        guard let subscription = subscriptions[ObjectIdentifier(consumer)] else {
            waiter?.resume()
            return
        }
        if let waiter { subscription.cancelWaiters.append(waiter) }
        do throws(AMQPError) {
            // What was settled before goes out before the channel is closed.
            try settle(subscription)
            try perform(subscription.machine.cancel(), subscription)
        } catch {
            lost(error)
        }
        consumer.finish()
        forgetIfEnded(subscription)
    }

    func forgetIfEnded(_ subscription: Subscription) {
        guard subscription.machine.state == .ended else { return }
        subscriptions[ObjectIdentifier(subscription.consumer)] = nil
        subscription.consumer.finish()
        for waiter in subscription.cancelWaiters { waiter.resume() }
        subscription.cancelWaiters = []
    }

    func perform(_ actions: [SubscriptionMachine.Action], _ subscription: Subscription)
        throws(AMQPError)
    {
        for action in actions { try perform(action, subscription) }
        if !actions.isEmpty { forgetIfEnded(subscription) }
    }

    /// For mail, where a fallen connection is noticed by the turn that follows.
    private func performNow(
        _ actions: [SubscriptionMachine.Action], _ subscription: Subscription
    ) {
        do throws(AMQPError) {
            try perform(actions, subscription)
        } catch {
            lost(error)
        }
    }

    func performOffline(_ actions: [SubscriptionMachine.Action], _ subscription: Subscription) {
        for case .nowLost(let error) in actions { stopped(subscription, error) }
    }

    private func perform(_ action: SubscriptionMachine.Action, _ subscription: Subscription)
        throws(AMQPError)
    {
        if action == .openChannel {
            guard hasFreeChannel else {
                let now = monotonicNow()
                let actions = subscription.machine.refused(Self.noChannel, now, &random)
                return performOffline(actions, subscription)
            }
            subscription.channel = try takeChannel(.subscription(subscription))
        }
        guard let channel = subscription.channel else { return }
        switch action {
        case .openChannel: try wire?.openChannel(channel)
        case .declareTemporary:
            let queue = QueueDeclaration(
                name: "", isDurable: false, isExclusive: true, isAutoDeleted: true)
            try wire?.request(.declareQueue(queue, passive: false), channel: channel)
        case .bind(let queue, let binding):
            try wire?.request(.bindQueue(queue, binding, FieldTable()), channel: channel)
        case .limit(let prefetch): try wire?.limit(channel, prefetch: prefetch)
        case .consume(let queue): try wire?.consume(channel, queue: queue)
        case .stopDeliveries: try wire?.stopConsuming(channel)
        case .closeChannel: try wire?.closeChannel(channel)
        case .answerClose: try wire?.confirmChannelClose(channel)
        case .confirmClose, .freeChannel:
            if action == .confirmClose { try wire?.confirmChannelClose(channel) }
            freeChannel(channel)
            subscription.channel = nil
        case .nowLive: started(subscription)
        case .deliveriesEnded:
            subscription.endsWhenSettled = !subscription.isDraining
            flush(subscription)
            subscription.consumer.close()
        case .nowLost(let error): stopped(subscription, error)
        }
    }

    private func started(_ subscription: Subscription) {
        subscription.generation += 1
        subscription.tracker = AckTracker()
        subscription.arrived = []
        subscription.lastFailure = ""
        subscription.consumer.becameLive(generation: subscription.generation)
        logger.info("consuming", metadata: ["queue": "\(subscription.machine.queue)"])
    }

    private func stopped(_ subscription: Subscription, _ error: AMQPError?) {
        // Settlements of what was delivered before mean nothing to a later channel.
        subscription.generation += 1
        subscription.arrived = []
        subscription.tracker = AckTracker()
        subscription.consumer.becameLost()
        guard let error else { return }
        // Said once for each cause, not for each attempt.
        let level: Logger.Level = error.message != subscription.lastFailure ? .warning : .debug
        subscription.lastFailure = error.message
        logger.log(
            level: level, "not consuming, trying on",
            metadata: [
                "queue": "\(subscription.machine.queue)", "cause": "\(error.message)",
            ])
    }

    /// A graceful end: no more batches, but what was handed out may still be settled.
    func drain(_ subscription: Subscription) {
        subscription.isDraining = true
        subscription.abandoned += subscription.consumer.stop()
        performNow(subscription.machine.drain(), subscription)
    }

    /// No more deliveries are wanted; what was delivered is handed out and settled as ever.
    func stopDeliveries(_ consumer: ConsumerState) {
        guard let subscription = subscriptions[ObjectIdentifier(consumer)] else { return }
        performNow(subscription.machine.drain(), subscription)
        forgetIfEnded(subscription)
    }

    // MARK: - Deliveries

    func arrived(
        _ deliver: consuming InboundMethod.Deliver,
        _ content: consuming ContentAssembler.Content, _ subscription: Subscription
    ) throws(AMQPError) {
        // After our channel.close deliveries may still be on their way; the broker requeues them.
        guard subscription.machine.state == .live else { return }
        try subscription.tracker.delivered(deliver.tag)
        // What is settled here is known here first: an honest broker never gets above.
        guard subscription.tracker.held <= Int(subscription.consumer.prefetch) else {
            throw AMQPError(
                .protocolViolation,
                "the broker delivered more than the prefetch of \(subscription.consumer.prefetch)")
        }
        guard !subscription.isDraining else {
            subscription.abandoned += 1
            return
        }
        arrivals += 1
        subscription.arrived.append(
            Delivery(
                tag: deliver.tag, redelivered: deliver.redelivered, exchange: deliver.exchange,
                routingKey: deliver.routingKey, properties: content.header.properties,
                headersAreComplete: content.header.isComplete,
                rawHeaders: content.header.rawHeaders, body: content.body))
        if subscription.arrived.count == subscription.consumer.maxBatch { flush(subscription) }
    }

    /// Hands over what arrived: a whole batch at once, what is less at the end of the turn.
    func flush(_ subscription: Subscription) {
        guard !subscription.arrived.isEmpty else { return }
        metrics.delivered(subscription.arrived.count)
        let arrived = subscription.arrived
        subscription.arrived = []
        subscription.consumer.deliver(arrived)
    }

    // MARK: - Settlements

    func apply(_ settlement: Settlement, _ consumer: ConsumerState, _ generation: UInt64) {
        guard let subscription = subscriptions[ObjectIdentifier(consumer)],
            subscription.generation == generation
        else { return metrics.droppedSettlement() }
        switch settlement {
        case .ackUpTo(let tag): metrics.acked(subscription.tracker.ack(upTo: tag))
        case .ack(let tags):
            var count = 0
            for tag in tags where subscription.tracker.ack(tag) { count += 1 }
            metrics.acked(count)
        case .reject(let tag, let requeue):
            if subscription.tracker.reject(tag, requeue: requeue) { metrics.rejected() }
        }
    }

    func settle(_ subscription: Subscription) throws(AMQPError) {
        guard let channel = subscription.channel, subscription.machine.state == .live else {
            return
        }
        let frames = subscription.tracker.takeFrames()
        // One frame, which is what most turns settle, goes out by itself.
        if frames.count > 1 { wire?.cork() }
        for frame in frames { try wire?.settle(frame, channel: channel) }
        if subscription.endsWhenSettled, subscription.tracker.held == 0 {
            try perform(subscription.machine.cancel(), subscription)
        }
    }
}
