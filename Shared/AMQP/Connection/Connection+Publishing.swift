internal import Logging

/// The publishing channel.
extension Connection {
    func publish(_ now: Nanoseconds) throws(AMQPError) {
        guard purpose == .publishing else { return }
        if case .closed(let until) = publishChannel, until <= now {
            let channel = try takeChannel(.publishing)
            try wire?.openChannel(channel)
            publishChannel = .opening
        }
        guard publishing.hasUnsent else {
            waitsForRoom = false
            return
        }
        var room = 0
        while publishing.hasUnsent {
            if room <= 0 {
                // Never block inside librabbitmq while the broker does not read.
                room = min(wire?.room ?? 0, Self.bytesBetweenLooks)
                waitsForRoom = room == 0
                guard !waitsForRoom else { return }
            }
            guard let slot = publishing.sendNext() else { return }
            room -= try send(slot)
        }
    }

    private func send(_ slot: PublishMachine.Slot) throws(AMQPError) -> Int {
        guard let message = publishing.message(slot), let frameBytes = wire?.frameBytes else {
            return 0
        }
        if frameBytes < Int(Wire.frameBytes), message.properties.headers != nil {
            // The broker wants smaller frames than the check before was made for.
            do throws(AMQPError) {
                try message.check(
                    frameBytes: frameBytes, maxTableDepth: configuration.maxTableDepth)
            } catch {
                publishing.refuse(slot, error)
                return 0
            }
        }
        try wire?.publish(message, channel: Self.publishChannelNumber)
        // Frames and headers; an estimate will do.
        return message.body.count + 512
    }

    /// The first channel of the publishing connection, and its only one.
    private static var publishChannelNumber: UInt16 { 1 }

    func handlePublishing(_ method: InboundMethod, _ channel: UInt16, _ now: Nanoseconds)
        throws(AMQPError)
    {
        switch (publishChannel, method) {
        case (.opening, .channelOpenOK):
            try wire?.selectConfirms(channel)
            publishChannel = .selecting
        case (.selecting, .confirmSelectOK):
            publishChannel = .open
            publishing.opened()
            publishing.isBlocked = blockedSince != nil
            flags.isPublishing = blockedSince == nil
        case (.open, .ack(let tag, let multiple)):
            publishBackoff.reset()
            try publishing.answered(tag: tag, multiple: multiple, positive: true)
        case (.open, .nack(let tag, let multiple)):
            try publishing.answered(tag: tag, multiple: multiple, positive: false)
        case (_, .channelClose(let reason)):
            let error = reason.error("publishing")
            logger.warning(
                "the broker closed the publishing channel", metadata: ["cause": "\(error.message)"])
            try wire?.confirmChannelClose(channel)
            freeChannel(channel)
            publishing.lost(error)
            publishChannel = .closed(until: now + publishBackoff.next(using: &random))
            flags.isPublishing = false
        default:
            throw AMQPError(
                .protocolViolation, "the broker sent \(method) to the publishing channel")
        }
    }

    /// - Returns: when the next batch is due to end.
    func completePublishes(_ now: Nanoseconds) -> Nanoseconds? {
        let deadline = publishing.expire(now: now, offline: whyOffline)
        for completion in publishing.takeCompletions() {
            publishWaiters.removeValue(forKey: completion.id)?.resume(returning: completion.result)
        }
        return deadline
    }

    func report(_ now: Nanoseconds) {
        guard purpose == .publishing else { return }
        metrics.published(publishing.takeCounts())
        if publishing.unansweredMessages != reportedUnanswered {
            reportedUnanswered = publishing.unansweredMessages
            metrics.unconfirmedNow(reportedUnanswered)
        }
        // While it lasts, not only at its end: a long alarm is to be seen.
        if let since = blockedSince {
            metrics.blocked(for: now - since)
            blockedSince = now
        }
    }
}
