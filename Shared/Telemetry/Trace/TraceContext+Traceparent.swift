extension TraceContext {
    /// Reads a `traceparent` header (W3C Trace Context, "Processing Model").
    ///
    /// Nil unless the value is `version-traceid-parentid-flags` in lower-case hexadecimal with ids
    /// that are not zero. Version `ff` is forbidden; a future version may be longer, and only what
    /// version 00 knows of it is used.
    public init?(traceparent text: [UInt8]) {
        guard text.count >= Self.textLength,
            text[2] == Self.dash, text[35] == Self.dash, text[52] == Self.dash,
            let version = Self.number(fromHex: text[0..<2], UInt8.self), version != 0xff,
            let traceID = Self.number(fromHex: text[3..<35], UInt128.self), traceID != 0,
            let parentID = Self.number(fromHex: text[36..<52], UInt64.self), parentID != 0,
            let flags = Self.number(fromHex: text[53..<55], UInt8.self)
        else { return nil }
        if text.count > Self.textLength {
            guard version > 0, text[Self.textLength] == Self.dash else { return nil }
        }
        self.init(traceID: traceID, parentID: parentID, flags: flags & Self.knownFlags)
    }

    /// Reads a `traceparent` header given as text.
    public init?(traceparent: String) { self.init(traceparent: Array(traceparent.utf8)) }

    /// The header's bytes, always of version 00.
    public var traceparentBytes: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(Self.textLength)
        Self.appendHex(UInt8(0), to: &text)
        text.append(Self.dash)
        Self.appendHex(traceID, to: &text)
        text.append(Self.dash)
        Self.appendHex(parentID, to: &text)
        text.append(Self.dash)
        Self.appendHex(flags, to: &text)
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

    /// All digits of the number, the highest first.
    private static func appendHex<Number: FixedWidthInteger & UnsignedInteger>(
        _ number: Number, to text: inout [UInt8]
    ) {
        for shift in stride(from: Number.bitWidth - 4, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: number >> shift) & 0xf
            text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    private static func number<Number: FixedWidthInteger & UnsignedInteger>(
        fromHex text: ArraySlice<UInt8>, _: Number.Type
    ) -> Number? {
        var number: Number = 0
        for digit in text {
            guard let value = value(ofDigit: digit) else { return nil }
            number = number << 4 | Number(truncatingIfNeeded: value)
        }
        return number
    }

    private static func value(ofDigit digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
