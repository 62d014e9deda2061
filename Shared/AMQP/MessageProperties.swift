/// The basic-class content properties (AMQP 0-9-1 §1.8). Nil: not on the message.
///
/// A text that is not UTF-8 keeps its bytes, see ``Swift/String/amqpBytes``.
///
/// A value that is one reference inside: messages are passed on without copying fourteen fields.
public struct MessageProperties: Sendable, Hashable {
    struct Fields: Sendable, Hashable {
        var contentType: String?
        var contentEncoding: String?
        var headers: FieldTable?
        var deliveryMode: UInt8?
        var priority: UInt8?
        var correlationID: String?
        var replyTo: String?
        var expiration: String?
        var messageID: String?
        var timestamp: UInt64?
        var type: String?
        var userID: String?
        var appID: String?
        var clusterID: String?
    }

    /// Never written to while more than one value refers to it: see `fields`.
    private final class Storage: @unchecked Sendable {
        // Sendable, since it is shared only unchanging: `fields` copies it before a write.
        @exclusivity(unchecked) var fields: Fields

        init(_ fields: Fields) { self.fields = fields }
    }

    private static let none = Storage(Fields())

    private var storage: Storage

    /// No property at all.
    public init() { storage = Self.none }

    private init(_ storage: Storage) { self.storage = storage }

    /// One to be filled in place: nobody else refers to it.
    static var blank: MessageProperties { MessageProperties(Storage(Fields())) }

    var fields: Fields {
        get { storage.fields }
        _modify {
            if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.fields) }
            yield &storage.fields
        }
    }

    /// Equal fields.
    public static func == (left: MessageProperties, right: MessageProperties) -> Bool {
        left.storage === right.storage || left.storage.fields == right.storage.fields
    }

    /// By the fields.
    public func hash(into hasher: inout Hasher) { hasher.combine(storage.fields) }
}

extension MessageProperties {
    /// MIME type of the body.
    public var contentType: String? {
        get { storage.fields.contentType }
        set { fields.contentType = newValue }
    }

    /// Encoding of the body, as `identity`.
    public var contentEncoding: String? {
        get { storage.fields.contentEncoding }
        set { fields.contentEncoding = newValue }
    }

    /// The application's and the broker's headers.
    public var headers: FieldTable? {
        get { storage.fields.headers }
        set { fields.headers = newValue }
    }

    /// 2 is persistent.
    public var deliveryMode: UInt8? {
        get { storage.fields.deliveryMode }
        set { fields.deliveryMode = newValue }
    }

    /// 0 to 9; quorum queues of RabbitMQ 3 ignore it.
    public var priority: UInt8? {
        get { storage.fields.priority }
        set { fields.priority = newValue }
    }

    /// What the message is about; for this system the request id.
    public var correlationID: String? {
        get { storage.fields.correlationID }
        set { fields.correlationID = newValue }
    }

    /// Where an answer is wanted.
    public var replyTo: String? {
        get { storage.fields.replyTo }
        set { fields.replyTo = newValue }
    }

    /// Milliseconds, as text.
    public var expiration: String? {
        get { storage.fields.expiration }
        set { fields.expiration = newValue }
    }

    /// Names this message; a repetition has the same.
    public var messageID: String? {
        get { storage.fields.messageID }
        set { fields.messageID = newValue }
    }

    /// Seconds since 1970.
    public var timestamp: UInt64? {
        get { storage.fields.timestamp }
        set { fields.timestamp = newValue }
    }

    /// Names the kind of message and its version.
    public var type: String? {
        get { storage.fields.type }
        set { fields.type = newValue }
    }

    /// The publisher's user; the broker refuses another than the connection's.
    public var userID: String? {
        get { storage.fields.userID }
        set { fields.userID = newValue }
    }

    /// The sending application.
    public var appID: String? {
        get { storage.fields.appID }
        set { fields.appID = newValue }
    }

    /// Deprecated by AMQP; carried along.
    public var clusterID: String? {
        get { storage.fields.clusterID }
        set { fields.clusterID = newValue }
    }
}
