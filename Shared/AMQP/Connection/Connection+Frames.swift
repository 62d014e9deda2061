internal import Logging

/// Frames to whom they concern.
extension Connection {
    func handle(
        _ frame: consuming InboundFrame, _ channel: UInt16, _ now: Nanoseconds
    ) throws(AMQPError) {
        let index = Int(channel)
        if channel == 0 {
            guard case .method(let method) = frame else { throw Self.stray(channel) }
            return try handleConnection(method, now)
        }
        guard index < channels.count, let open = channels[index] else { throw Self.stray(channel) }
        switch consume frame {
        case .header(let header):
            if let content = try open.assembler.header(header) {
                try arrived(content, open, channel)
            }
        case .body(let bytes):
            if let content = try open.assembler.body(bytes) { try arrived(content, open, channel) }
        case .method(.deliver(let deliver)):
            try open.assembler.begin(.deliver(deliver))
        case .method(.returned(let returned)):
            try open.assembler.begin(.returned(returned))
        case .method(let method):
            guard open.assembler.isIdle else { throw Self.stray(channel) }
            try handle(method, open.role, channel, now)
        }
    }

    private func handleConnection(_ method: InboundMethod, _ now: Nanoseconds) throws(AMQPError) {
        switch method {
        case .blocked(let reason): blocked(reason, now)
        case .unblocked: blocked(nil, now)
        case .connectionClose(let reason):
            try? wire?.confirmConnectionClose()
            wire?.uncork()
            throw reason.connectionError
        default: throw Self.stray(0)
        }
    }

    private func handle(
        _ method: InboundMethod, _ role: Channel.Role, _ channel: UInt16, _ now: Nanoseconds
    ) throws(AMQPError) {
        switch role {
        case .publishing: try handlePublishing(method, channel, now)
        case .subscription(let subscription):
            let actions = try subscription.machine.received(method, now: now, using: &random)
            try perform(actions, subscription)
        case .call(let call): try perform(try call.machine.received(method), call)
        }
    }

    private func arrived(
        _ content: consuming ContentAssembler.Content, _ open: Channel, _ channel: UInt16
    ) throws(AMQPError) {
        switch open.role {
        case .subscription(let subscription):
            guard case .deliver(let deliver) = content.start else { throw Self.stray(channel) }
            try arrived(deliver, content, subscription)
        case .publishing:
            guard case .returned(let returned) = content.start else { throw Self.stray(channel) }
            publishing.returned(returned, content.header, body: content.body)
        case .call: throw Self.stray(channel)
        }
    }

    private static func stray(_ channel: UInt16) -> AMQPError {
        AMQPError(
            .protocolViolation, "the broker sent a frame that does not belong on channel \(channel)"
        )
    }

    // MARK: - Channel numbers

    func takeChannel(_ role: Channel.Role) throws(AMQPError) -> UInt16 {
        if let index = channels.indices.dropFirst().first(where: { channels[$0] == nil }) {
            channels[index] = Channel(role: role)
            return UInt16(index)
        }
        guard channels.count <= wire?.channelMax ?? 0 else { throw Self.noChannel }
        channels.append(Channel(role: role))
        return UInt16(channels.count - 1)
    }

    static var noChannel: AMQPError {
        AMQPError(
            .channelClosed,
            "the connection has no free channel: raise channel_max, here or on the broker")
    }

    /// Whether ``takeChannel(_:)`` has one to give.
    var hasFreeChannel: Bool {
        channels.count <= wire?.channelMax ?? 0 || channels.dropFirst().contains { $0 == nil }
    }

    func freeChannel(_ channel: UInt16?) {
        if let channel { channels[Int(channel)] = nil }
    }
}
