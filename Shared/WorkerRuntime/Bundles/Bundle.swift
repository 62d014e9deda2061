import Telemetry

/// Several messages of one exchange and routing key as one message: what one batch of a service tells
/// another costs the broker once.
///
/// The body is a JSON array with one item on each line, so that an operator can read it and a fault in
/// one item leaves the others readable:
///
/// ```json
/// [
/// {"type":"…","messageId":"…","correlationId":"…","appId":"…","timestamp":1,"traceparent":"…","body":{…}},
/// {"type":"…","messageId":"…","correlationId":"…","appId":"…","timestamp":1,"traceparent":"…","body":{…}}
/// ]
/// ```
///
/// An item is the message it would have been: its properties, then its body as it stands. Only this
/// runtime writes bundles and reads them, so the form is exact: these members in this order, each but
/// `body` left out where the message does not have it, no other spaces, no escapes in a property.
/// Bodies are not looked at: whoever handles an item judges its own, depth included.
enum Bundle {
    /// Items of one bundle: what is lost to a batch when one comes back, and has to be handled again.
    static let mostItems = 64
    /// Bytes of one bundle's body, as of any message between services.
    static let mostBytes = 64 * 1024

    static let start = Array("[\n".utf8)
    static let separator = Array(",\n".utf8)
    static let end = Array("\n]".utf8)

    // What stands before the value of each member of an item.
    static let type = Array("\"type\":\"".utf8)
    static let messageID = Array("\"messageId\":\"".utf8)
    static let correlationID = Array("\"correlationId\":\"".utf8)
    static let appID = Array("\"appId\":\"".utf8)
    static let timestamp = Array("\"timestamp\":".utf8)
    static let trace = Array("\"\(TraceContext.headerName)\":\"".utf8)
    static let body = Array("\"body\":".utf8)
    /// After a text.
    static let textEnd = Array("\",".utf8)
}

extension UInt8 {
    /// RFC 8259 §7: neither a quote, a backslash nor a control character.
    var isPlain: Bool { self >= 0x20 && self != 0x22 && self != 0x5C }
}
