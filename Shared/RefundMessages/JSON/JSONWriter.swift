/// Writes compact JSON into one buffer, in the order of the calls.
///
/// ```swift
/// var json = JSONWriter()
/// json.object { json in
///     json.field("requestId", requestID)
///     json.field("promotion", promotion)                 // nil is written as null
///     json.fieldIfPresent("expectedBy", expectedBy)      // nil is left out
///     json.field("lines", lines)                         // whatever writes itself, and lists of it
/// }
/// return json.bytes
/// ```
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    /// Whether a comma goes before the next value or name: not at the start of a container, nor
    /// between a name and its value.
    private var needsComma = false

    package init(capacity: Int = 512) { bytes.reserveCapacity(capacity) }

    /// Starts again with the same buffer.
    package mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        begin(UInt8(ascii: "{"))
        members(&self)
        end(UInt8(ascii: "}"))
    }

    package mutating func array(_ elements: (inout JSONWriter) -> Void) {
        begin(UInt8(ascii: "["))
        elements(&self)
        end(UInt8(ascii: "]"))
    }

    /// A member; nil is written as null.
    @inlinable
    package mutating func field(_ name: StaticString, _ value: (some JSONWritable)?) {
        self.name(name)
        if let value { value.write(to: &self) } else { null() }
    }

    /// A member; nil is left out.
    @inlinable
    package mutating func fieldIfPresent(_ name: StaticString, _ value: (some JSONWritable)?) {
        if let value { field(name, value) }
    }

    /// The name of a member, whose value must follow.
    package mutating func name(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// The name of a member that is only known at run time, whose value must follow.
    package mutating func name(of member: String) {
        member.write(to: &self)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A value that is JSON already, as it was stored.
    package mutating func embed(_ text: [UInt8]) {
        separate()
        bytes.append(contentsOf: text)
    }

    package mutating func null() { raw("null") }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    /// Before every value and name.
    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    mutating func raw(_ text: StaticString) {
        separate()
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func number(_ value: Int64) {
        separate()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        digits(of: value.magnitude)
    }

    private mutating func digits(of value: UInt64) {
        let longest = 20
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: longest) { buffer in
            var (start, rest) = (longest, value)
            repeat {
                start -= 1
                buffer[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[start...]))
        }
    }

    mutating func string(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        let utf8 = text.utf8
        let isPlain: Bool? = utf8.withContiguousStorageIfAvailable { buffer in
            guard buffer.allSatisfy({ !$0.needsEscape }) else { return false }
            bytes.append(contentsOf: buffer)
            return true
        }
        if isPlain != true { for byte in utf8 { escape(byte) } }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func instant(_ instant: Instant) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        instant.appendRFC3339(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A member that is an instant in seconds since 1970, with as many of nine decimals as it needs;
    /// nil is left out. Half the size of the contract's form, for what services store themselves; an
    /// instant before 1970 has the contract's.
    package mutating func seconds(_ name: StaticString, _ instant: Instant?) {
        guard let instant else { return }
        self.name(name)
        guard (0...maxInteger).contains(instant.seconds) else { return self.instant(instant) }
        number(instant.seconds)
        guard instant.nanoseconds > 0 else { return }
        // Nine digits behind a one, of which the point takes the place.
        let point = bytes.count
        digits(of: 1_000_000_000 + UInt64(instant.nanoseconds))
        bytes[point] = UInt8(ascii: ".")
        while bytes.last == UInt8(ascii: "0") { bytes.removeLast() }
    }

    private mutating func escape(_ byte: UInt8) {
        guard byte.needsEscape else { return bytes.append(byte) }
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default:
            let digits: StaticString = "0123456789abcdef"
            bytes.append(contentsOf: "u00".utf8)
            digits.withUTF8Buffer {
                bytes.append($0[Int(byte >> 4)])
                bytes.append($0[Int(byte & 15)])
            }
        }
    }
}

extension UInt8 {
    /// RFC 8259 §7: the quote, the backslash and the control characters.
    fileprivate var needsEscape: Bool { self < 0x20 || self == 0x22 || self == 0x5C }
}
