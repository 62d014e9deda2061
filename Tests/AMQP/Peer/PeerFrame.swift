/// A frame by the byte (AMQP 0-9-1 §4.2.3): a test may make it as wrong as it likes.
struct PeerFrame: Hashable, Sendable {
    static let methodType: UInt8 = 1
    static let headerType: UInt8 = 2
    static let bodyType: UInt8 = 3
    static let heartbeatType: UInt8 = 8

    var type: UInt8
    var channel: UInt16
    var payload: [UInt8]
    /// Written instead of the payload's size.
    var claimedSize: UInt32?
    var end: UInt8 = 0xCE

    var bytes: [UInt8] {
        [type] + AMQPBytes.short(channel)
            + AMQPBytes.long(claimedSize ?? UInt32(payload.count)) + payload + [end]
    }

    /// Nil where it is no method frame.
    var method: PeerMethod? {
        guard type == Self.methodType, payload.count >= 4 else { return nil }
        return PeerMethod(
            UInt16(AMQPBytes.number(payload[0..<2])), UInt16(AMQPBytes.number(payload[2..<4])))
    }

    /// What follows the method's number.
    var fields: ArraySlice<UInt8> { payload.dropFirst(4) }
}

// MARK: - What a broker says

extension PeerFrame {
    static let heartbeat = PeerFrame(type: heartbeatType, channel: 0, payload: [])

    static func method(_ method: PeerMethod, on channel: UInt16, _ fields: [UInt8] = [])
        -> PeerFrame
    {
        let number = AMQPBytes.short(method.group) + AMQPBytes.short(method.id)
        return PeerFrame(type: methodType, channel: channel, payload: number + fields)
    }

    /// A content header of the basic class, with no properties unless `flags` says which follow.
    static func header(
        on channel: UInt16, size: UInt64, flags: UInt16 = 0, properties: [UInt8] = []
    ) -> PeerFrame {
        let fixed = AMQPBytes.short(60) + AMQPBytes.short(0) + AMQPBytes.longLong(size)
        return PeerFrame(
            type: headerType, channel: channel,
            payload: fixed + AMQPBytes.short(flags) + properties)
    }

    static func body(on channel: UInt16, _ bytes: some Sequence<UInt8>) -> PeerFrame {
        PeerFrame(type: bodyType, channel: channel, payload: Array(bytes))
    }

    /// Method, header and body frames of at most `split` bytes each.
    static func delivery(
        on channel: UInt16, tag: UInt64, _ body: [UInt8], split: Int = 131_064
    ) -> [PeerFrame] {
        let fields =
            AMQPBytes.string("consumer") + AMQPBytes.longLong(tag) + [0] + AMQPBytes.string("")
            + AMQPBytes.string("q")
        return [
            .method(.deliver, on: channel, fields), .header(on: channel, size: UInt64(body.count)),
        ]
            + stride(from: 0, to: body.count, by: split).map {
                .body(on: channel, body[$0..<min($0 + split, body.count)])
            }
    }

    static func confirm(_ method: PeerMethod, _ tag: UInt64, multiple: Bool = false) -> PeerFrame {
        .method(method, on: 1, AMQPBytes.longLong(tag) + [multiple ? 1 : 0])
    }

    /// `basic.return` of a message to the default exchange; `messageID` is its only property.
    static func returned(key: String, messageID: String, _ body: [UInt8]) -> [PeerFrame] {
        let fields =
            AMQPBytes.short(312) + AMQPBytes.string("NO_ROUTE") + AMQPBytes.string("")
            + AMQPBytes.string(key)
        let header = PeerFrame.header(
            on: 1, size: UInt64(body.count), flags: 0x0080, properties: AMQPBytes.string(messageID))
        return [.method(.returned, on: 1, fields), header, .body(on: 1, body)]
    }

    /// `channel.close`, or on channel 0 `connection.close`.
    static func close(
        on channel: UInt16, code: UInt16, _ text: String, over method: PeerMethod
    ) -> PeerFrame {
        .method(
            channel == 0 ? .close : .channelClose, on: channel,
            AMQPBytes.short(code) + AMQPBytes.string(text) + AMQPBytes.short(method.group)
                + AMQPBytes.short(method.id))
    }

    static func declared(_ queue: String, on channel: UInt16) -> PeerFrame {
        .method(
            .queueDeclareOK, on: channel,
            AMQPBytes.string(queue) + AMQPBytes.long(3) + AMQPBytes.long(2))
    }
}
