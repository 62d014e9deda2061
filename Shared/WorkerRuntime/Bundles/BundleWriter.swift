import AMQP
import Telemetry

/// Writes the body of one bundle, item by item.
struct BundleWriter {
    private(set) var body = Bundle.start
    private(set) var count = 0

    /// The bundle as it would be sent.
    var bytes: [UInt8] { body + Bundle.end }

    /// Adds the message, unless it cannot be an item or the bundle would grow too large.
    ///
    /// - Returns: whether it was added.
    mutating func add(_ message: OutgoingMessage) -> Bool {
        guard message.fitsBundles else { return false }
        let length = body.count
        if count > 0 { body += Bundle.separator }
        write(message.properties)
        body += Bundle.body
        body += message.body
        body.append(UInt8(ascii: "}"))
        guard body.count + Bundle.end.count <= Bundle.mostBytes else {
            body.removeLast(body.count - length)
            return false
        }
        count += 1
        return true
    }

    private mutating func write(_ properties: MessageProperties) {
        body.append(UInt8(ascii: "{"))
        write(properties.type, Bundle.type)
        write(properties.messageID, Bundle.messageID)
        write(properties.correlationID, Bundle.correlationID)
        write(properties.appID, Bundle.appID)
        if let timestamp = properties.timestamp {
            body += Bundle.timestamp
            body += String(timestamp).utf8
            body.append(UInt8(ascii: ","))
        }
        if case .string(let trace)? = properties.headers?.entries.first?.value {
            body += Bundle.trace
            body += trace
            body += Bundle.textEnd
        }
    }

    private mutating func write(_ text: String?, _ opening: [UInt8]) {
        guard let text else { return }
        body += opening
        body += text.utf8
        body += Bundle.textEnd
    }
}

extension OutgoingMessage {
    /// Whether an item says all that the message does: persistent mandatory JSON with nothing but
    /// texts that need no escape and a trace. A line break in the body would end the item.
    fileprivate var fitsBundles: Bool {
        mandatory && properties.fitBundles
            && body.first == UInt8(ascii: "{") && body.last == UInt8(ascii: "}")
            && !body.contains(UInt8(ascii: "\n"))
    }
}

extension MessageProperties {
    fileprivate var fitBundles: Bool {
        guard contentType == "application/json", deliveryMode == 2, contentEncoding == nil,
            priority == nil, replyTo == nil, expiration == nil, userID == nil, clusterID == nil
        else { return false }
        return type.isPlain && messageID.isPlain && correlationID.isPlain && appID.isPlain
            && headers.isTraceAlone
    }
}

extension String? {
    /// Whether it stands in JSON and in AMQP's short strings as it is.
    fileprivate var isPlain: Bool {
        guard let self else { return true }
        return self.utf8.count <= BundleItem.mostTextBytes && self.utf8.allSatisfy(\.isPlain)
    }
}

extension FieldTable? {
    fileprivate var isTraceAlone: Bool {
        guard let entries = self?.entries, let first = entries.first else { return true }
        guard entries.count == 1, first.key == TraceContext.headerName,
            case .string(let bytes) = first.value
        else { return false }
        return bytes.count <= BundleItem.mostTextBytes
            && bytes.allSatisfy { $0.isPlain && $0 < 0x80 }
    }
}
