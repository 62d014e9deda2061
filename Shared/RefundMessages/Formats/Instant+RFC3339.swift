extension Instant {
    /// 0000-01-01T00:00:00Z, the first instant a message can carry.
    package static let earliest = Instant(seconds: -62_167_219_200)
    /// 9999-12-31T23:59:59.999999999Z, the last one.
    package static let latest = Instant(seconds: 253_402_300_799, nanoseconds: 999_999_999)

    /// Reads RFC 3339 with `T`, and `Z` or a numeric offset, up to nine decimals, no leap second.
    ///
    /// Nil for anything else: lower-case `t` and `z`, a day the calendar does not have, hour 24,
    /// second 60, or an offset beyond 23:59. An instant that its offset carries past
    /// ``earliest``…``latest`` is taken as the nearer of the two, which can be written.
    public init?(rfc3339 text: String) { self.init(rfc3339: Array(text.utf8)[...]) }

    init?(rfc3339 text: ArraySlice<UInt8>) {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(of: 4), scanner.consume("-"),
            let month = scanner.number(of: 2), scanner.consume("-"),
            let day = scanner.number(of: 2), scanner.consume("T"),
            let hour = scanner.number(of: 2), scanner.consume(":"),
            let minute = scanner.number(of: 2), scanner.consume(":"),
            let second = scanner.number(of: 2),
            let nanoseconds = scanner.fraction(), let offset = scanner.offset(), scanner.isAtEnd
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        guard date.exists, hour < 24, minute < 60, second < 60 else { return nil }
        let read = Instant(
            seconds: date.daysSince1970 * 86_400 + hour * 3_600 + minute * 60 + second - offset,
            nanoseconds: nanoseconds)
        self = min(max(read, .earliest), .latest)
    }

    /// RFC 3339 in UTC with `Z`, and no more decimals than are needed.
    public var rfc3339: String {
        var bytes: [UInt8] = []
        appendRFC3339(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends ``rfc3339``. What RFC 3339 cannot say (a deadline past year 9999) is written as the
    /// nearest instant that it can.
    func appendRFC3339(to bytes: inout [UInt8]) {
        let instant = min(max(self, .earliest), .latest)
        let (days, second) = instant.seconds.dividedDown(by: 86_400)
        let date = CivilDate(daysSince1970: days)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.longestText) { buffer in
            var text = DigitWriter(buffer)
            text.write(date.year, 4, then: "-")
            text.write(date.month, 2, then: "-")
            text.write(date.day, 2, then: "T")
            text.write(second / 3_600, 2, then: ":")
            text.write(second / 60 % 60, 2, then: ":")
            text.write(second % 60, 2, then: instant.nanoseconds > 0 ? "." : "Z")
            if instant.nanoseconds > 0 {
                text.write(Int64(instant.nanoseconds), 9, then: nil)
                text.dropZeros()
                text.append("Z")
            }
            bytes.append(contentsOf: text.written)
        }
    }

    /// `9999-12-31T23:59:59.999999999Z`
    private static let longestText = 30
}

extension Int64 {
    /// Quotient and remainder with the quotient rounded down, so that the remainder is not negative.
    package func dividedDown(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// Writes numbers of a fixed width as ASCII into a buffer that holds all of them.
private struct DigitWriter {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private var count = 0

    init(_ buffer: UnsafeMutableBufferPointer<UInt8>) { self.buffer = buffer }

    var written: UnsafeMutableBufferPointer<UInt8>.SubSequence { buffer[..<count] }

    mutating func append(_ scalar: Unicode.Scalar) {
        buffer[count] = UInt8(ascii: scalar)
        count += 1
    }

    /// The last `width` decimal digits of a number that is not negative, and what follows them.
    mutating func write(_ value: Int64, _ width: Int, then next: Unicode.Scalar?) {
        var rest = UInt64(value)
        for index in stride(from: count + width - 1, through: count, by: -1) {
            buffer[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += width
        if let next { append(next) }
    }

    /// Takes the zeros at the end back.
    mutating func dropZeros() {
        while count > 0, buffer[count - 1] == UInt8(ascii: "0") { count -= 1 }
    }
}

/// Reads fixed-width numbers out of ASCII.
private struct DigitScanner {
    private let text: ArraySlice<UInt8>
    private var position: Int

    init(_ text: ArraySlice<UInt8>) {
        self.text = text
        position = text.startIndex
    }

    var isAtEnd: Bool { position == text.endIndex }

    private var digit: Int64? {
        guard position < text.endIndex else { return nil }
        let digit = text[position] &- UInt8(ascii: "0")
        return digit <= 9 ? Int64(digit) : nil
    }

    mutating func consume(_ scalar: Unicode.Scalar) -> Bool {
        guard position < text.endIndex, text[position] == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    mutating func number(of width: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<width {
            guard let digit else { return nil }
            value = value * 10 + digit
            position += 1
        }
        return value
    }

    /// Nanoseconds; 0 where there is no fraction, nil where it has no digit or more than nine.
    mutating func fraction() -> Int32? {
        guard consume(".") else { return 0 }
        var (value, width): (Int32, Int) = (0, 0)
        while let digit {
            guard width < 9 else { return nil }
            value = value * 10 + Int32(digit)
            width += 1
            position += 1
        }
        guard width > 0 else { return nil }
        for _ in width..<9 { value *= 10 }
        return value
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int64? {
        if consume("Z") { return 0 }
        let isEast = consume("+")
        guard isEast || consume("-"), let hours = number(of: 2), hours < 24, consume(":"),
            let minutes = number(of: 2), minutes < 60
        else { return nil }
        let seconds = hours * 3_600 + minutes * 60
        return isEast ? seconds : -seconds
    }
}
