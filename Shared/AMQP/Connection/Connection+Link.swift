internal import Logging

/// Connecting, losing, connecting again.
extension Connection {
    func connectIfDue(_ now: Nanoseconds) throws(AMQPError) {
        guard !isUp, closing == nil, retryAt <= now else { return }
        let endpoint = configuration.endpoints[attempt % configuration.endpoints.count]
        attempt += 1
        let made = try Wire.connect(to: endpoint, configuration, purpose: purpose.rawValue)
        // The handshake has its own limits; the watchdog's time for this turn starts here.
        watch.begin(monotonicNow())
        watch.guardSocket(made.descriptor)
        wire = consume made
        isUp = true
        upSince = monotonicNow()
        flags.isConnected = true
        lastFailure = ""
        if hasConnected { metrics.reconnected() }
        hasConnected = true
        logger.info("connected to the broker", metadata: ["broker": "\(endpoint.address)"])
        publishChannel = .closed(until: 0)
        for subscription in subscriptions.values {
            try perform(subscription.machine.connected(), subscription)
        }
        for call in calls { try open(call) }
    }

    /// The connection fell, or could not be made.
    func lost(_ error: AMQPError) {
        // An attempt may have taken long: the wait starts at its end.
        let now = monotonicNow()
        let wasUp = isUp
        disconnect()
        // A broker that takes a connection only to drop it is not there yet.
        if wasUp, now - upSince >= Nanoseconds(configuration.backoffMost) { backoff.reset() }
        // Another host is tried at once; only a whole round of failures waits.
        let hasRoundEnded = attempt % configuration.endpoints.count == 0
        let wait = wasUp || hasRoundEnded ? backoff.next(using: &random) : 0
        retryAt = now + wait
        report(error, wasUp: wasUp)
        publishing.lost(nil)
        for subscription in subscriptions.values {
            subscription.channel = nil
            subscription.arrived = []
            performOffline(subscription.machine.disconnected(), subscription)
            forgetIfEnded(subscription)
        }
        for call in calls where call.channel != nil {
            finish(call, .failure(error))
        }
    }

    func disconnect() {
        isUp = false
        flags.isConnected = false
        watch.guardSocket(nil)
        wire = nil
        channels = [nil]
        publishChannel = .closed(until: 0)
        waitsForRoom = false
        hasMoreFrames = false
        blocked(nil, monotonicNow())
        flags.isPublishing = false
    }

    /// Said once for each cause, not for each attempt.
    private func report(_ error: AMQPError, wasUp: Bool) {
        let level: Logger.Level = wasUp || error.message != lastFailure ? .warning : .debug
        lastFailure = error.message
        logger.log(
            level: level, wasUp ? "connection lost, connecting again" : "no connection, trying on",
            metadata: ["cause": "\(error.message)"])
    }

    /// For whoever waits for a connection in vain: also why the last attempt failed.
    var whyOffline: String {
        "there is no connection to the broker" + (lastFailure.isEmpty ? "" : ": \(lastFailure)")
    }

    /// `connection.blocked`, with its reason, or `connection.unblocked`.
    func blocked(_ reason: String?, _ now: Nanoseconds) {
        if let reason, blockedSince == nil {
            blockedSince = now
            publishing.isBlocked = true
            logger.warning("the broker blocks publishing", metadata: ["cause": "\(reason)"])
        } else if reason == nil, let since = blockedSince {
            blockedSince = nil
            publishing.isBlocked = false
            metrics.blocked(for: now - since)
            logger.info("the broker takes messages again")
        }
        flags.isPublishing = publishChannel == .open && blockedSince == nil
    }
}
