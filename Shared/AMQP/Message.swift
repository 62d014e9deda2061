/// A value in an AMQP field table (AMQP 0-9-1 §4.2.5, with RabbitMQ's types).
public indirect enum FieldValue: Sendable, Hashable {
    case void
    case bool(Bool)
    case int8(Int8)
    case uint8(UInt8)
    case int16(Int16)
    case uint16(UInt16)
    case int32(Int32)
    case uint32(UInt32)
    case int64(Int64)
    case float(Float)
    case double(Double)
    case decimal(scale: UInt8, value: Int32)
    /// A long string: bytes, not necessarily UTF-8.
    case string([UInt8])
    /// RabbitMQ's `x`: a byte array.
    case bytes([UInt8])
    /// Seconds since 1970.
    case timestamp(UInt64)
    case array([FieldValue])
    case table(FieldTable)
}

/// An AMQP field table in wire order. Keys are at most 128 bytes by the specification.
public struct FieldTable: Sendable, Hashable {
    public var entries: [(key: String, value: FieldValue)]

    public init(_ entries: [(key: String, value: FieldValue)] = []) { self.entries = entries }

    public static func == (left: FieldTable, right: FieldTable) -> Bool {
        left.entries.elementsEqual(right.entries) { $0.key == $1.key && $0.value == $1.value }
    }

    public func hash(into hasher: inout Hasher) {
        for (key, value) in entries {
            hasher.combine(key)
            hasher.combine(value)
        }
    }

    /// The first value of that key; setting replaces it, nil removes every one of that key.
    public subscript(key: String) -> FieldValue? {
        get { entries.first { $0.key == key }?.value }
        set {
            guard let newValue else { return entries.removeAll { $0.key == key } }
            if let index = entries.firstIndex(where: { $0.key == key }) {
                entries[index].value = newValue
            } else {
                entries.append((key, newValue))
            }
        }
    }
}

/// The basic-class content properties (AMQP 0-9-1 §1.8). Nil: not on the message.
public struct MessageProperties: Sendable, Hashable {
    public var contentType: String?
    public var contentEncoding: String?
    public var headers: FieldTable?
    /// 2 is persistent.
    public var deliveryMode: UInt8?
    public var priority: UInt8?
    public var correlationID: String?
    public var replyTo: String?
    /// Milliseconds, as text.
    public var expiration: String?
    public var messageID: String?
    /// Seconds since 1970.
    public var timestamp: UInt64?
    public var type: String?
    public var userID: String?
    public var appID: String?
    public var clusterID: String?

    public init() {}
}

/// A message to publish.
public struct OutgoingMessage: Sendable, Hashable {
    public var exchange: String
    public var routingKey: String
    /// Whether the broker returns the message when no queue takes it (`basic.return`).
    public var mandatory: Bool
    public var properties: MessageProperties
    public var body: [UInt8]

    public init(
        exchange: String, routingKey: String, mandatory: Bool = true,
        properties: MessageProperties = MessageProperties(), body: [UInt8]
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.mandatory = mandatory
        self.properties = properties
        self.body = body
    }
}

/// A message delivered to a consumer. It owns its bytes.
public struct Delivery: Sendable {
    /// The channel's delivery tag, valid only in the connection generation of its batch.
    public var tag: UInt64
    public var redelivered: Bool
    public var exchange: String
    public var routingKey: String
    public var properties: MessageProperties
    /// False where the headers are nested deeper than the library converts (`maxTableDepth`): then
    /// `properties.headers` is nil, and the message can only be rejected to the dead-letter exchange.
    public var headersAreComplete: Bool
    public var body: [UInt8]

    public init(
        tag: UInt64, redelivered: Bool, exchange: String, routingKey: String,
        properties: MessageProperties, headersAreComplete: Bool = true, body: [UInt8]
    ) {
        self.tag = tag
        self.redelivered = redelivered
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.headersAreComplete = headersAreComplete
        self.body = body
    }
}

/// What became of one published message.
public enum PublishOutcome: Sendable, Hashable {
    case confirmed
    /// No queue took it: the broker's code and text (312 NO_ROUTE). It was confirmed, and is nowhere.
    case returned(code: UInt16, text: String)
    /// The broker refused it (a full queue with `reject-publish`, or an internal error).
    case nacked
    /// The connection fell, or the window's wait ended, before the broker answered: it may or may
    /// not have arrived. Never repeated by the library.
    case unconfirmed
}
