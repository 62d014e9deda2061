/// One consumer's way from a connection to deliveries, and back after every loss. Pure.
struct SubscriptionMachine {
    enum State: Hashable {
        /// No connection.
        case down
        case opening
        case declaring
        case binding(Int)
        case limiting
        case subscribing
        case live
        /// We closed the channel; another one follows at the given time, or none.
        case closing
        /// The queue is missing or refused: tried again then.
        case waiting(until: Nanoseconds)
        case ended
    }

    enum Action: Hashable {
        /// Take a free channel number and send `channel.open`.
        case openChannel
        /// An exclusive queue named by the broker.
        case declareTemporary
        case bind(queue: String, Binding)
        case limit(prefetch: UInt16)
        case consume(queue: String)
        /// `basic.cancel`: what was delivered can still be settled on the channel.
        case stopDeliveries
        case closeChannel
        /// Answer the broker's `channel.close`, the number is free again.
        case confirmClose
        /// The broker's `channel.close` met ours: it wants an answer, and will still give its own.
        case answerClose
        /// Our `channel.close` was answered, the number is free again.
        case freeChannel
        case nowLive
        /// After `basic.cancel` no delivery follows.
        case deliveriesEnded
        /// Deliveries have stopped; what is held can no longer be settled.
        case nowLost(AMQPError?)
    }

    let source: ConsumerSource
    let prefetch: UInt16
    private(set) var state = State.down
    private(set) var queue = ""
    private var isCancelled = false
    private var isDraining = false
    private var backoff: Backoff

    init(source: ConsumerSource, prefetch: UInt16, backoff: Backoff) {
        self.source = source
        self.prefetch = prefetch
        self.backoff = backoff
    }

    /// When ``tick(now:)`` wants to be called.
    var due: Nanoseconds? {
        if case .waiting(let until) = state { until } else { nil }
    }

    mutating func connected() -> [Action] {
        guard state == .down else { return [] }
        state = .opening
        return [.openChannel]
    }

    mutating func disconnected() -> [Action] {
        guard state != .ended else { return [] }
        let wasLive = state == .live
        state = isCancelled || isDraining ? .ended : .down
        return wasLive ? [.nowLost(nil)] : []
    }

    mutating func tick(now: Nanoseconds) -> [Action] {
        guard case .waiting(let until) = state, until <= now else { return [] }
        state = .opening
        return [.openChannel]
    }

    /// The consumer is no longer wanted: closing the channel returns what it holds to the queue.
    mutating func cancel() -> [Action] {
        guard !isCancelled else { return [] }
        isCancelled = true
        switch state {
        case .down, .waiting, .ended:
            state = .ended
            return []
        case .closing:
            return []
        case .opening, .declaring, .binding, .limiting, .subscribing, .live:
            let wasLive = state == .live
            state = .closing
            return wasLive ? [.nowLost(nil), .closeChannel] : [.closeChannel]
        }
    }

    /// No more deliveries are wanted; those there are will be settled, then the connection ends.
    mutating func drain() -> [Action] {
        guard state == .live else { return cancel() }
        isDraining = true
        return [.stopDeliveries]
    }

    /// The connection has no channel for it: tried again later.
    mutating func refused(
        _ error: AMQPError, _ now: Nanoseconds, _ generator: inout some RandomNumberGenerator
    ) -> [Action] {
        retry(now, &generator)
        return [.nowLost(error)]
    }

    mutating func received(
        _ method: InboundMethod, now: Nanoseconds, using generator: inout some RandomNumberGenerator
    ) throws(AMQPError) -> [Action] {
        switch (state, method) {
        case (.closing, .channelCloseOK):
            retry(now, &generator)
            return [.freeChannel]
        case (.closing, .channelClose):
            return [.answerClose]
        case (.closing, _):
            return []
        case (_, .channelClose(let reason)):
            retry(now, &generator)
            return [.nowLost(reason.error(subject)), .confirmClose]
        case (.opening, .channelOpenOK):
            guard case .queue(let name) = source else {
                state = .declaring
                return [.declareTemporary]
            }
            queue = name
            return limit()
        case (.declaring, .queueDeclareOK(let name, _, _)):
            queue = name
            return bind(0)
        case (.binding(let index), .done):
            return bind(index + 1)
        case (.limiting, .qosOK):
            state = .subscribing
            return [.consume(queue: queue)]
        case (.subscribing, .consumeOK):
            state = .live
            backoff.reset()
            return [.nowLive]
        case (.live, .cancel), (.subscribing, .cancel):
            // The queue was deleted, or its node is going away: nothing held can be settled there.
            state = .closing
            let reason = "the broker cancelled the consumer of '\(queue)': the queue was deleted"
            return [.nowLost(AMQPError(.notFound, reason)), .closeChannel]
        case (.live, .cancelOK) where isDraining:
            return [.deliveriesEnded]
        case (.live, .deliver), (_, .cancelOK):
            return []
        default:
            throw AMQPError(
                .protocolViolation, "the broker sent \(method) to a consumer that is \(state)")
        }
    }

    private var subject: String {
        switch source {
        case .queue(let name): "consuming from '\(name)'"
        case .temporary: "consuming from a temporary queue"
        }
    }

    private mutating func bind(_ index: Int) -> [Action] {
        guard case .temporary(let bindings) = source, index < bindings.count else { return limit() }
        state = .binding(index)
        return [.bind(queue: queue, bindings[index])]
    }

    private mutating func limit() -> [Action] {
        state = .limiting
        return [.limit(prefetch: prefetch)]
    }

    private mutating func retry(
        _ now: Nanoseconds, _ generator: inout some RandomNumberGenerator
    ) {
        state =
            isCancelled || isDraining
            ? .ended : .waiting(until: now + backoff.next(using: &generator))
    }
}

/// What a ``Consumer`` reads from.
package enum ConsumerSource: Hashable, Sendable {
    case queue(String)
    /// A queue of its own, named by the broker, gone with the connection and made again after it.
    case temporary([Binding])
}

/// From an exchange, by a routing key or pattern.
public struct Binding: Hashable, Sendable {
    /// The source exchange.
    public var exchange: String
    /// The key, or for a topic exchange the pattern.
    public var routingKey: String

    /// Both names.
    public init(exchange: String, routingKey: String) {
        self.exchange = exchange
        self.routingKey = routingKey
    }
}
