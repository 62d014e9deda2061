import AMQP
import Telemetry

/// One item of a bundle, read: the message it would have been alone.
struct BundleItem: Sendable, Equatable {
    /// Bytes of a property or of the trace (AMQP 0-9-1 §4.2.5.3).
    static let mostTextBytes = 255
    /// Digits of the largest `UInt64`.
    static let mostDigits = 20

    var properties: MessageProperties
    var body: [UInt8]
    /// False where the line is no item: then `body` is the line, and there are no properties.
    var isReadable = true
}

/// Why a bundle has no items at all.
struct BundleFault: Error, Equatable {
    /// One English sentence.
    var detail: String
}

/// Reads the body of a bundle. Not recursive: no depth of nesting is of any harm.
enum BundleReader {
    /// The items, in order; one that cannot be read says so.
    static func items(of body: [UInt8]) throws(BundleFault) -> [BundleItem] {
        guard body.count <= Bundle.mostBytes else {
            throw BundleFault(
                detail: "The bundle has \(body.count) bytes; at most \(Bundle.mostBytes) are read.")
        }
        let frame = Bundle.start.count + Bundle.end.count
        guard body.count > frame, body.starts(with: Bundle.start),
            body.suffix(Bundle.end.count).elementsEqual(Bundle.end)
        else { throw BundleFault(detail: "The bundle is no array with an item on each line.") }
        var items: [BundleItem] = []
        var rest = body[Bundle.start.count..<body.count - Bundle.end.count]
        while true {
            guard items.count < Bundle.mostItems else {
                throw BundleFault(detail: "The bundle has more than \(Bundle.mostItems) items.")
            }
            guard let lineEnd = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                items.append(item(of: rest))
                return items
            }
            guard rest[..<lineEnd].last == UInt8(ascii: ",") else {
                throw BundleFault(detail: "An item of the bundle does not end with a comma.")
            }
            items.append(item(of: rest[..<(lineEnd - 1)]))
            rest = rest[(lineEnd + 1)...]
        }
    }

    private static func item(of line: ArraySlice<UInt8>) -> BundleItem {
        var scanner = BundleScanner(rest: line)
        guard let item = try? scanner.item() else {
            return BundleItem(properties: MessageProperties(), body: Array(line), isReadable: false)
        }
        return item
    }
}

/// What is left of a line.
private struct BundleScanner {
    struct NoItem: Error {}

    var rest: ArraySlice<UInt8>

    mutating func item() throws(NoItem) -> BundleItem {
        guard skip("{".utf8) else { throw NoItem() }
        var properties = MessageProperties()
        properties.contentType = "application/json"
        properties.deliveryMode = 2
        properties.type = try text(after: Bundle.type)
        properties.messageID = try text(after: Bundle.messageID)
        properties.correlationID = try text(after: Bundle.correlationID)
        properties.appID = try text(after: Bundle.appID)
        if skip(Bundle.timestamp) { properties.timestamp = try number() }
        if skip(Bundle.trace) {
            let trace = FieldValue.string(Array(try plainText()))
            properties.headers = FieldTable([(TraceContext.headerName, trace)])
        }
        guard skip(Bundle.body), rest.first == UInt8(ascii: "{"), rest.count > 2,
            rest.suffix(2).elementsEqual("}}".utf8)
        else { throw NoItem() }
        return BundleItem(properties: properties, body: Array(rest.dropLast()))
    }

    private mutating func skip(_ bytes: some Collection<UInt8>) -> Bool {
        guard rest.starts(with: bytes) else { return false }
        rest = rest.dropFirst(bytes.count)
        return true
    }

    /// Nil where another member follows.
    private mutating func text(after opening: [UInt8]) throws(NoItem) -> String? {
        guard skip(opening) else { return nil }
        guard let text = String(validating: try plainText(), as: UTF8.self) else { throw NoItem() }
        return text
    }

    /// Up to the quote that ends it, the comma after it included.
    private mutating func plainText() throws(NoItem) -> ArraySlice<UInt8> {
        let text = rest.prefix(while: \.isPlain)
        rest = rest.dropFirst(text.count)
        guard text.count <= BundleItem.mostTextBytes, skip(Bundle.textEnd) else { throw NoItem() }
        return text
    }

    private mutating func number() throws(NoItem) -> UInt64 {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest.dropFirst(digits.count)
        guard digits.count <= BundleItem.mostDigits, skip(",".utf8),
            let number = UInt64(String(decoding: digits, as: UTF8.self))
        else { throw NoItem() }
        return number
    }
}
