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

/// An AMQP field table in wire order. Keys are at most 128 bytes by the specification; those that are
/// not UTF-8 are as ``Swift/String/amqpBytes`` says.
public struct FieldTable: Sendable, Hashable {
    /// Names and values, in order; a name may come twice.
    public var entries: [(key: String, value: FieldValue)]

    /// A table of these entries.
    public init(_ entries: [(key: String, value: FieldValue)] = []) { self.entries = entries }

    /// Equal entries in equal order.
    public static func == (left: FieldTable, right: FieldTable) -> Bool {
        left.entries.elementsEqual(right.entries) { $0.key == $1.key && $0.value == $1.value }
    }

    /// By the entries.
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

/// A message to publish.
public struct OutgoingMessage: Sendable, Hashable {
    /// The exchange; empty: the default one, which routes to the queue named by the routing key.
    public var exchange: String
    /// The routing key.
    public var routingKey: String
    /// Whether the broker returns the message when no queue takes it (`basic.return`).
    public var mandatory: Bool
    /// Its properties and headers.
    public var properties: MessageProperties
    /// Its body, byte for byte.
    public var body: [UInt8]

    /// `mandatory` unless said otherwise: what no queue takes is reported.
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
    /// Whether it was delivered before, to this consumer or another.
    public var redelivered: Bool
    /// The exchange it was published to.
    public var exchange: String
    /// The routing key it was published with.
    public var routingKey: String
    /// Its properties and headers.
    public var properties: MessageProperties
    /// False where the headers are nested deeper than the library converts (`maxTableDepth`): then
    /// `properties.headers` is nil, and the message can only be rejected to the dead-letter
    /// exchange.
    public var headersAreComplete: Bool
    /// The header table as AMQP encodes it (0-9-1 §4.2.5.5), without the length of the outermost one,
    /// where it is not complete; nil elsewhere.
    public var rawHeaders: [UInt8]?
    /// Its body, byte for byte.
    public var body: [UInt8]

    /// For tests of handlers; the library makes the real ones.
    public init(
        tag: UInt64, redelivered: Bool, exchange: String, routingKey: String,
        properties: MessageProperties, headersAreComplete: Bool = true,
        rawHeaders: [UInt8]? = nil, body: [UInt8]
    ) {
        self.tag = tag
        self.redelivered = redelivered
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.headersAreComplete = headersAreComplete
        self.rawHeaders = rawHeaders
        self.body = body
    }
}

/// What became of one published message.
public enum PublishOutcome: Sendable, Hashable {
    case confirmed
    /// No queue took it: the broker's code and text (312 NO_ROUTE). It is nowhere.
    case returned(code: UInt16, text: String)
    /// The broker refused it (a full queue with `reject-publish`, or an internal error).
    case nacked
    /// The connection fell, or the window's wait ended, before the broker answered: it may or may
    /// not have arrived. Never repeated by the library.
    case unconfirmed
}
