/// The greatest integer of the contract: what every JSON reader can hold exactly (2^53 − 1).
package let maxInteger: Int64 = 9_007_199_254_740_991

extension JSONValue {
    package func bool() throws(MessageFault) -> Bool {
        switch node?.kind {
        case .true: return true
        case .false: return false
        default: throw fault("must be true or false")
        }
    }

    /// An integer without sign, fraction or exponent.
    package func integer(_ range: ClosedRange<Int64> = 0...maxInteger) throws(MessageFault) -> Int64
    {
        let value = try digits()
        guard range.contains(value) else {
            throw fault("must be from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// An integer that may be negative, without fraction or exponent: no message has one, answers do.
    package func signedInteger() throws(MessageFault) -> Int64 {
        guard let node, node.kind == .number,
            let text = String(validating: document.bytes[node.range], as: UTF8.self),
            let value = Int64(text)
        else { throw fault("must be an integer without fraction or exponent") }
        return value
    }

    private func digits() throws(MessageFault) -> Int64 {
        let rule = "must be an integer without sign, fraction or exponent"
        guard let node, node.kind == .number else { throw fault(rule) }
        var value: Int64 = 0
        // JSON has a negative zero (RFC 8259 §6), which is the integer 0.
        if node.range.count == 2, document.bytes[node.range].elementsEqual("-0".utf8) { return 0 }
        for index in node.range {
            let digit = document.bytes[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { throw fault(rule) }
            // Saturates: past the greatest integer of the contract every range refuses it.
            value = value > maxInteger ? value : value * 10 + Int64(digit)
        }
        return value
    }

    /// Free text, its length in Unicode scalars, without U+0000.
    package func text(_ length: ClosedRange<Int> = 1...256) throws(MessageFault) -> String {
        guard let node, node.kind == .string else { throw fault("must be a text") }
        let text = document.text(node.range, node.hasEscapes)
        // Nothing has more scalars than bytes, and only what is empty has none.
        let fits = length.lowerBound <= 1 && length.contains(text.utf8.count)
        guard fits || length.contains(text.unicodeScalars.count) else {
            throw fault("must have \(length.lowerBound) to \(length.upperBound) characters")
        }
        guard !node.hasEscapes || !text.utf8.contains(0) else {
            throw fault("must not contain U+0000")
        }
        return text
    }

    /// One of an enumeration's raw values.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(
        of: Choice.Type = Choice.self
    ) throws(MessageFault) -> Choice {
        guard let node, node.kind == .string,
            let choice = Choice(rawValue: document.text(node.range, node.hasEscapes))
        else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw fault("must be one of \(names)")
        }
        return choice
    }

    /// 1–64 characters, `[A-Za-z0-9][A-Za-z0-9._:-]*`.
    package func identifier() throws(MessageFault) -> String {
        try text(matching: isIdentifier) {
            "must be an id: 1–64 of A–Z, a–z, 0–9, '.', '_', ':', '-'"
        }
    }

    /// RFC 3339 with `T`, and `Z` or a numeric offset, up to nine decimals; see ``Instant``.
    package func instant() throws(MessageFault) -> Instant {
        guard let node, node.kind == .string,
            let instant = Instant(
                rfc3339: node.hasEscapes
                    ? unescaped(document.bytes, node.range)[...] : document.bytes[node.range])
        else { throw fault("must be an RFC 3339 date and time with 'T' and 'Z' or an offset") }
        return instant
    }

    /// An instant as services store it: see ``JSONWriter/seconds(_:_:)``.
    package func seconds() throws(MessageFault) -> Instant {
        guard let node, node.kind == .number else { return try instant() }
        let rule = "must be seconds since 1970 with up to nine decimals"
        var (seconds, nanoseconds): (Int64, Int32) = (0, 0)
        // Of the next decimal, in nanoseconds; nil before the point.
        var unit: Int32?
        for index in node.range {
            let digit = document.bytes[index] &- UInt8(ascii: "0")
            guard digit <= 9 else {
                guard document.bytes[index] == UInt8(ascii: ".") else { throw fault(rule) }
                unit = 100_000_000
                continue
            }
            if let place = unit {
                guard place > 0 else { throw fault(rule) }
                nanoseconds += Int32(digit) * place
                unit = place / 10
            } else {
                seconds = seconds > maxInteger ? seconds : seconds * 10 + Int64(digit)
            }
        }
        guard seconds <= maxInteger else { throw fault(rule) }
        return Instant(seconds: seconds, nanoseconds: nanoseconds)
    }

    /// A text of ASCII that a format describes.
    func text(
        matching format: (ArraySlice<UInt8>) -> Bool, _ rule: () -> String
    ) throws(MessageFault) -> String {
        guard let node, node.kind == .string else { throw fault(rule()) }
        let bytes =
            node.hasEscapes
            ? unescaped(document.bytes, node.range)[...] : document.bytes[node.range]
        guard format(bytes) else { throw fault(rule()) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
