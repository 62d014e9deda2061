/// Values as AMQP 0-9-1 §4.2 writes them.
enum AMQPBytes {
    static func short(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }

    static func long(_ value: UInt32) -> [UInt8] {
        short(UInt16(value >> 16)) + short(UInt16(value & 0xFFFF))
    }

    static func longLong(_ value: UInt64) -> [UInt8] {
        long(UInt32(value >> 32)) + long(UInt32(value & 0xFFFF_FFFF))
    }

    /// At most 255 bytes.
    static func string(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }

    static func longString(_ bytes: [UInt8]) -> [UInt8] { long(UInt32(bytes.count)) + bytes }

    static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}

/// A method of AMQP 0-9-1, or one that is none.
struct PeerMethod: Hashable, Sendable {
    var group: UInt16
    var id: UInt16

    init(_ group: UInt16, _ id: UInt16) {
        self.group = group
        self.id = id
    }

    static let start = PeerMethod(10, 10)
    static let startOK = PeerMethod(10, 11)
    static let tune = PeerMethod(10, 30)
    static let tuneOK = PeerMethod(10, 31)
    static let open = PeerMethod(10, 40)
    static let openOK = PeerMethod(10, 41)
    static let close = PeerMethod(10, 50)
    static let closeOK = PeerMethod(10, 51)
    static let blocked = PeerMethod(10, 60)
    static let unblocked = PeerMethod(10, 61)
    static let channelOpen = PeerMethod(20, 10)
    static let channelOpenOK = PeerMethod(20, 11)
    static let channelClose = PeerMethod(20, 40)
    static let channelCloseOK = PeerMethod(20, 41)
    static let queueDeclare = PeerMethod(50, 10)
    static let queueDeclareOK = PeerMethod(50, 11)
    static let qos = PeerMethod(60, 10)
    static let qosOK = PeerMethod(60, 11)
    static let consume = PeerMethod(60, 20)
    static let consumeOK = PeerMethod(60, 21)
    static let cancel = PeerMethod(60, 30)
    static let cancelOK = PeerMethod(60, 31)
    static let publish = PeerMethod(60, 40)
    static let returned = PeerMethod(60, 50)
    static let deliver = PeerMethod(60, 60)
    static let ack = PeerMethod(60, 80)
    static let reject = PeerMethod(60, 90)
    static let nack = PeerMethod(60, 120)
    static let select = PeerMethod(85, 10)
    static let selectOK = PeerMethod(85, 11)
}
