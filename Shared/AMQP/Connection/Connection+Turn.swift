internal import Glibc
internal import Logging

extension Connection {
    /// Everything there is to do now, then what to wait for. Called by the owner thread.
    func turn() -> OwnerThread.Wait {
        let now = monotonicNow()
        watch.begin(now)
        flags.countTurn()
        defer { watch.end() }
        for mail in takeMail() { read(mail, now) }
        do throws(AMQPError) {
            try connectIfDue(now)
            if isUp { try work(now) }
        } catch {
            lost(error)
        }
        for subscription in subscriptions.values { flush(subscription) }
        let deadline = completePublishes(now)
        expireCalls(now)
        report(now)
        if mayEnd(now) {
            end()
            return .stop
        }
        return wait(now, deadline)
    }

    private func work(_ now: Nanoseconds) throws(AMQPError) {
        try receive(now)
        for subscription in subscriptions.values {
            try perform(subscription.machine.tick(now: now), subscription)
            try settle(subscription)
        }
        try publish(now)
        wire?.uncork()
    }

    private func receive(_ now: Nanoseconds) throws(AMQPError) {
        guard now >= pace.restsUntil else { return }
        arrivals = 0
        hasMoreFrames = try !readFrames(now)
        guard !hasMoreFrames else { return }
        pace.read(arrivals, hasRoom: subscriptions.values.allSatisfy(\.hasRoom), now: now)
    }

    /// - Returns: whether that was all there is.
    private func readFrames(_ now: Nanoseconds) throws(AMQPError) -> Bool {
        for _ in 0..<Self.mostFramesPerTurn {
            guard let (channel, frame) = try wire?.receive() else { return true }
            try handle(frame, channel, now)
        }
        return false
    }

    private func wait(_ now: Nanoseconds, _ publishDeadline: Nanoseconds?) -> OwnerThread.Wait {
        var due = [publishDeadline, closing?.until]
        due += calls.map(\.machine.deadline)
        if isUp {
            if hasMoreFrames || wire?.hasBuffered == true {
                return .poll(descriptor: -1, events: 0, limit: 0)
            }
            if pace.restsUntil > now {
                return .poll(descriptor: -1, events: 0, limit: pace.restsUntil - now)
            }
            due += subscriptions.values.map(\.machine.due)
            if case .closed(let until) = publishChannel, purpose == .publishing {
                due.append(until)
            }
            // librabbitmq sends and checks heartbeats only when it is called.
            if let heartbeat = wire?.heartbeat, heartbeat > 0 {
                due.append(now + UInt64(heartbeat) * 500_000_000)
            }
        } else {
            due.append(retryAt)
        }
        let next = due.compactMap { $0 }.min()
        let events = waitsForRoom ? POLLIN | POLLOUT : POLLIN
        return .poll(
            descriptor: wire?.descriptor ?? -1, events: Int16(events),
            limit: next.map { $0 > now ? $0 - now : 0 })
    }

    private func read(_ mail: Mail, _ now: Nanoseconds) {
        if closing != nil, mail.asksForNewWork { return refuse(mail) }
        switch mail {
        case .publish(let id, let messages, let continuation):
            publishWaiters[id] = continuation
            publishing.submit(
                id, messages, deadline: now + Nanoseconds(configuration.confirmTimeout))
        case .cancelPublish(let id):
            // After the batch's end, or before its beginning, there is nothing to cancel.
            publishing.cancel(id)
        case .settle(let consumer, let generation, let settlement):
            apply(settlement, consumer, generation)
        case .subscribe(let consumer): subscribe(consumer)
        case .unsubscribe(let consumer, let waiter): unsubscribe(consumer, waiter)
        case .stopDeliveries(let consumer): stopDeliveries(consumer)
        case .call(let id, let request, let continuation): call(id, request, continuation, now)
        case .cancelCall(let id): cancelCall(id)
        case .snapshot(let continuation): continuation.resume(returning: snapshot)
        case .close(let until, let waiter):
            let isFirst = closing == nil
            closing = (min(until, closing?.until ?? until), (closing?.waiters ?? []) + [waiter])
            if isFirst { for subscription in subscriptions.values { drain(subscription) } }
        }
    }

    private func mayEnd(_ now: Nanoseconds) -> Bool {
        guard let closing else { return false }
        let isDone = publishing.isIdle && !subscriptions.values.contains { $0.isBeingHandled }
        return !isUp || isDone || closing.until <= now
    }

    /// The end of this object: everybody who waits is told.
    private func end() {
        publishing.close(Self.closed)
        _ = completePublishes(0)
        for call in calls { finish(call, .failure(Self.closed)) }
        for subscription in subscriptions.values {
            subscription.consumer.finish()
            for waiter in subscription.cancelWaiters { waiter.resume() }
        }
        subscriptions = [:]
        if isUp { wire?.sayGoodbye(timeout: .seconds(2)) }
        disconnect()
        for mail in closeMailbox() { refuse(mail) }
        for waiter in closing?.waiters ?? [] { waiter.resume() }
        closing = nil
    }

    private func refuse(_ mail: Mail) {
        switch mail {
        case .publish(_, _, let continuation): continuation.resume(returning: .failure(Self.closed))
        case .call(_, _, let continuation): continuation.resume(returning: .failure(Self.closed))
        case .subscribe(let consumer): consumer.finish()
        case .unsubscribe(_, let waiter): waiter?.resume()
        case .close(_, let waiter): waiter.resume()
        case .snapshot(let continuation): continuation.resume(returning: nil)
        case .settle, .stopDeliveries, .cancelPublish, .cancelCall: break
        }
    }
}
