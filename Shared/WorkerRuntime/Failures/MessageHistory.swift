import AMQP

/// What our own headers tell of a delivery: where it first came from and how often it failed.
///
/// They are believed only on what came through the default exchange, as everything from a delay
/// queue does; elsewhere a publisher wrote them.
struct MessageHistory {
    /// Of the first publication.
    var exchange: String
    var routingKey: String
    /// Failed tries so far.
    var attempts = 0
    /// RFC 3339; nil before the first failure or wait.
    var firstFailedAt: String?
    /// Ends of a process it is held responsible for; 0 where it is no suspect.
    private(set) var crashes = 0
    /// Whether it is a suspect that was sent to its trial.
    private(set) var isOnTrial = false

    /// Whether the message comes back from a delay queue of ours.
    var isRetry: Bool { firstFailedAt != nil }
    /// Whether the dead-letter service sent the message again.
    private(set) var isReplay = false
    /// Whether the headers with our names are ours, and not a publisher's.
    var isOurs: Bool { isRetry || isReplay }

    /// More failures than any schedule makes: a forged header.
    private static let plausibleAttempts = 0...1_000_000
    /// Bytes of a header that is a name or a time.
    private static let textLimit = 255

    init(_ delivery: Delivery, names: RuntimeNames) {
        exchange = delivery.exchange
        routingKey = delivery.routingKey
        guard delivery.exchange.isEmpty, let headers = delivery.properties.headers else { return }
        let text = { (name: HeaderName) in
            headers[names.header(name)]?.text(atMost: Self.textLimit)
        }
        isReplay = headers[names.replayHeader] != nil
        exchange = text(.exchange) ?? exchange
        routingKey = text(.routingKey) ?? routingKey
        guard let attempts = headers[names.header(.attempts)]?.integer,
            Self.plausibleAttempts.contains(attempts)
        else { return }
        self.attempts = attempts
        firstFailedAt = text(.firstFailedAt)
        if isRetry, let count = headers[names.header(.crashes)]?.integer,
            Self.plausibleAttempts.contains(count)
        {
            crashes = count
            isOnTrial = headers[names.header(.trial)] != nil
        }
    }
}

extension FieldValue {
    /// The value of any integer type, where it fits.
    var integer: Int? {
        switch self {
        case .int8(let value): Int(value)
        case .uint8(let value): Int(value)
        case .int16(let value): Int(value)
        case .uint16(let value): Int(value)
        case .int32(let value): Int(value)
        case .uint32(let value): Int(value)
        case .int64(let value): Int(value)
        default: nil
        }
    }

    /// The value of a string that is no longer than that many bytes.
    func text(atMost limit: Int) -> String? {
        guard case .string(let bytes) = self, bytes.count <= limit else { return nil }
        return String(amqpBytes: bytes)
    }

    /// A string's value.
    static func text(_ text: String) -> FieldValue { .string(text.amqpBytes) }
}
