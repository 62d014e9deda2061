extension TraceContext {
    /// Reads a `traceparent` header (W3C Trace Context, "Processing Model").
    ///
    /// Nil unless the value is `version-traceid-parentid-flags` in lower-case hexadecimal with ids
    /// that are not zero. Version `ff` is forbidden; a future version may be longer, and only what
    /// version 00 knows of it is used.
    public init?(traceparent: some Collection<UInt8>) {
        let text = Array(traceparent.prefix(Self.textLength + 1))
        guard traceparent.count >= Self.textLength,
            text[2] == Self.dash, text[35] == Self.dash, text[52] == Self.dash,
            let version = Self.bytes(fromHex: text[0..<2])?.first, version != 0xff,
            let traceID = Self.bytes(fromHex: text[3..<35]), traceID.contains(where: { $0 != 0 }),
            let parentID = Self.bytes(fromHex: text[36..<52]),
            parentID.contains(where: { $0 != 0 }),
            let flags = Self.bytes(fromHex: text[53..<55])?.first
        else { return nil }
        if text.count > Self.textLength {
            guard version > 0, text[Self.textLength] == Self.dash else { return nil }
        }
        self.init(traceID: traceID, parentID: parentID, flags: flags & Self.knownFlags)
    }

    /// Reads a `traceparent` header given as text.
    public init?(traceparent: String) {
        self.init(traceparent: Array(traceparent.utf8))
    }

    /// The header's bytes, always of version 00.
    public var traceparentBytes: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(Self.textLength)
        text += [UInt8(ascii: "0"), UInt8(ascii: "0"), Self.dash]
        Self.appendHex(traceID, to: &text)
        text.append(Self.dash)
        Self.appendHex(parentID, to: &text)
        text.append(Self.dash)
        Self.appendHex([flags], to: &text)
        return text
    }

    /// The header's value, always of version 00.
    public var traceparent: String { String(decoding: traceparentBytes, as: UTF8.self) }

    /// The trace id in lower-case hexadecimal, as logs show it.
    public var traceIDText: String {
        var text: [UInt8] = []
        Self.appendHex(traceID, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Length of a version 00 value.
    private static let textLength = 55
    private static let dash = UInt8(ascii: "-")
    /// `sampled` (level 1) and `random` (level 2); other bits must not be passed on.
    private static let knownFlags: UInt8 = 0b11

    private static func appendHex(_ bytes: [UInt8], to text: inout [UInt8]) {
        for byte in bytes {
            text.append(digit(byte >> 4))
            text.append(digit(byte & 0xf))
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func bytes(fromHex text: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var index = text.startIndex
        while index < text.endIndex {
            guard let high = value(ofDigit: text[index]), let low = value(ofDigit: text[index + 1])
            else { return nil }
            bytes.append(high << 4 | low)
            index += 2
        }
        return bytes
    }

    private static func value(ofDigit digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
