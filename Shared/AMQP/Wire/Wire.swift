internal import CRabbitMQ
internal import Glibc

/// A logged-in connection of librabbitmq. Confined to its owner thread by the actor that has it.
///
/// Frames are read with `amqp_simple_wait_frame_noblock` only, and sent with plain sends: the calls
/// that wait for an answer lose or misplace the frames of other channels.
struct Wire: ~Copyable {
    private let state: amqp_connection_state_t
    /// A duplicate of the socket, ours to poll and shut down whatever happens to librabbitmq's.
    let descriptor: Int32
    /// Negotiated: no frame may be larger.
    let frameBytes: Int
    /// Negotiated: the highest channel number.
    let channelMax: Int
    /// Seconds, negotiated; 0 where the broker wants none.
    let heartbeat: Int
    private let usesTLS: Bool
    private var arena = Arena()
    private var decoder: Decoder
    private var isCorked = false
    private var framesSinceRelease = 0

    /// Decoded frames live in librabbitmq's pools until they are released, after this many.
    private static let framesPerRelease = 64

    init(
        adopting state: amqp_connection_state_t, descriptor: Int32, usesTLS: Bool,
        maxTableDepth: Int
    ) {
        self.state = state
        self.descriptor = descriptor
        self.usesTLS = usesTLS
        frameBytes = Int(amqp_get_frame_max(state))
        channelMax = Int(amqp_get_channel_max(state))
        heartbeat = Int(amqp_get_heartbeat(state))
        decoder = Decoder(maxTableDepth: maxTableDepth)
    }

    deinit {
        amqp_destroy_connection(state)
        close(descriptor)
    }

    /// The polite end: waits, bounded, for `connection.close-ok`.
    mutating func sayGoodbye(timeout: Duration) {
        uncork()
        var limit = timeval(timeout)
        amqp_set_rpc_timeout(state, &limit)
        _ = amqp_connection_close(state, AMQP_REPLY_SUCCESS)
        // The timeout is copied by the library; it is cleared all the same, as `limit` ends here.
        amqp_set_rpc_timeout(state, nil)
    }

    // MARK: - Receiving

    /// Whether frames may be there although the socket is silent.
    var hasBuffered: Bool {
        amqp_data_in_buffer(state) != 0 || amqp_frames_enqueued(state) != 0
    }

    /// The next frame that is already there, or nil. Also sends and checks heartbeats.
    mutating func receive() throws(AMQPError) -> (channel: UInt16, frame: InboundFrame)? {
        var frame = amqp_frame_t()
        var now = timeval()
        while true {
            let status = amqp_simple_wait_frame_noblock(state, &frame, &now)
            if status == AMQP_STATUS_TIMEOUT.rawValue {
                release()
                return nil
            }
            guard status == AMQP_STATUS_OK.rawValue else { throw Self.error("receiving", status) }
            let decoded = try decoder.frame(&frame)
            framesSinceRelease += 1
            if framesSinceRelease >= Self.framesPerRelease { release() }
            if let decoded { return (frame.channel, decoded) }
        }
    }

    private mutating func release() {
        guard framesSinceRelease > 0 else { return }
        framesSinceRelease = 0
        amqp_maybe_release_buffers(state)
    }

    // MARK: - Sending

    /// Bytes that the kernel takes now without blocking; 0: wait for POLLOUT.
    var room: Int {
        var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&item, 1, 0) > 0 else { return 0 }
        var buffer: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &buffer, &size)
        // Writable means a third is free, and the kernel's bookkeeping takes up to half of that.
        return max(Int(buffer) / 8, 1)
    }

    mutating func publish(_ message: OutgoingMessage, channel: UInt16) throws(AMQPError) {
        arena.reset()
        let exchange = arena.bytes(message.exchange)
        let routingKey = arena.bytes(message.routingKey)
        var properties = arena.properties(message.properties)
        cork()
        let status = message.body.withUnsafeBytes { body in
            amqp_basic_publish(
                state, channel, exchange, routingKey, message.mandatory ? 1 : 0, 0, &properties,
                amqp_bytes_t(
                    len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress)))
        }
        try Self.check("publishing", status)
    }

    mutating func settle(_ frame: AckTracker.Frame, channel: UInt16) throws(AMQPError) {
        let status =
            switch frame {
            case .ack(let tag, let multiple):
                amqp_basic_ack(state, channel, tag, multiple ? 1 : 0)
            case .reject(let tag, let requeue):
                amqp_basic_reject(state, channel, tag, requeue ? 1 : 0)
            }
        try Self.check("settling", status)
    }

    /// Sends a method whose fields the closure fills in from the arena.
    mutating func send<Fields>(
        _ method: amqp_method_number_t, channel: UInt16, _ fields: Fields,
        fill: (inout Fields, inout Arena) -> Void = { _, _ in }
    ) throws(AMQPError) {
        arena.reset()
        var fields = fields
        fill(&fields, &arena)
        cork()
        let status = withUnsafeMutablePointer(to: &fields) {
            amqp_send_method(state, channel, method, $0)
        }
        try Self.check("sending", status)
    }

    /// Holds frames back until ``uncork()``, so that a burst leaves in full segments. TLS writes
    /// its own records and takes no `MSG_MORE`, so nothing can be left behind there.
    mutating func cork() {
        guard !isCorked, !usesTLS else { return }
        isCorked = true
        crmq_cork(descriptor, 1)
    }

    /// Pushes out what is held back. This is also what sends the end of a body of exactly
    /// k × (frame_max − 8) bytes, whose last frame librabbitmq marks as "more follows".
    mutating func uncork() {
        guard isCorked else { return }
        isCorked = false
        crmq_cork(descriptor, 0)
    }

    private static func check(_ doing: String, _ status: Int32) throws(AMQPError) {
        if status < 0 { throw error(doing, status) }
    }

    static func error(_ doing: String, _ status: Int32) -> AMQPError {
        let text = String(cString: amqp_error_string2(status))
        switch amqp_status_enum(status) {
        case AMQP_STATUS_BAD_AMQP_DATA, AMQP_STATUS_UNKNOWN_METHOD, AMQP_STATUS_UNKNOWN_CLASS:
            return AMQPError(
                .protocolViolation, "the peer sent what is not AMQP 0-9-1: \(text)")
        case AMQP_STATUS_HEARTBEAT_TIMEOUT:
            return AMQPError(
                .connectionLost,
                "the broker was silent for two heartbeats: it, or the way to it, is gone")
        default:
            return AMQPError(.connectionLost, "the connection fell while \(doing): \(text)")
        }
    }
}

extension timeval {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
