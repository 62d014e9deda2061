import Foundation
import RefundMessages

/// A body as lines, with the place of the fault where it can be told. Pure.
struct BodyLines: Equatable {
    /// The place: a line from 0, and the characters of it that are wrong.
    struct Mark: Equatable {
        var line: Int
        /// Unicode scalars of the line.
        var range: Range<Int>
        /// A member that is not there: the mark is on the object that it is missing from.
        var missing: String?
    }

    var lines: [String]
    var mark: Mark?

    /// - Parameter path: JSON Pointer (RFC 6901) to the fault. Of what is no JSON, the place where
    ///   reading it ends is marked.
    /// - Returns: nil for a body that is no text.
    init?(_ body: [UInt8], path: String?) {
        guard let text = String(validating: body, as: UTF8.self) else { return nil }
        lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { String($0) }
        if let offset = Self.faultOffset(body) {
            mark = mark(offset..<(offset + 1), in: body)
        } else if let path, let place = JSONPlace(path, in: body) {
            mark = mark(place.range, in: body)
            mark?.missing = place.missing
        }
    }

    /// Where reading it ends, as the reader's own sentence says; nil for JSON.
    private static func faultOffset(_ body: [UInt8]) -> Int? {
        do throws(MessageFault) {
            _ = try JSONDocument(body, limits: .stored)
            return nil
        } catch {
            guard error.reason == .malformedJSON,
                let start = error.detail.range(of: "(byte ")?.upperBound
            else { return nil }
            return Int(error.detail[start...].prefix { $0.isNumber }).map { min($0, body.count) }
        }
    }

    /// Those bytes, up to the end of the first line of them.
    private func mark(_ range: Range<Int>, in body: [UInt8]) -> Mark {
        let start = body[..<range.lowerBound].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let whole = range.clamped(to: 0..<body.count)
        let end = body[whole].firstIndex(of: 0x0A) ?? whole.upperBound
        let length = { (part: Range<Int>) in
            String(decoding: body[part], as: UTF8.self).unicodeScalars.count
        }
        let column = length(start..<range.lowerBound)
        return Mark(
            line: body[..<range.lowerBound].count { $0 == 0x0A },
            range: column..<(column + max(1, length(whole.lowerBound..<max(end, whole.lowerBound))))
        )
    }
}

/// Where in a JSON text a pointer points.
struct JSONPlace: Equatable {
    /// The bytes of the value; where a member is missing, the first byte of what it is missing from.
    var range: Range<Int>
    var missing: String?

    /// Nil where the text is no JSON, or is nested too deep to be one of ours.
    init?(_ pointer: String, in json: [UInt8]) {
        guard (try? JSONDocument(json, limits: .stored)) != nil else { return nil }
        let start = json.firstIndex { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } ?? 0
        let end = json.lastIndex { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } ?? 0
        var value = json[start...end]
        for token in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = Self.unescaped(token)
            guard let next = Self.child(name, of: value) else {
                range = value.startIndex..<(value.startIndex + 1)
                missing = name
                return
            }
            value = next
        }
        range = value.startIndex..<value.endIndex
    }

    private static func child(_ name: String, of value: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        if value.first == UInt8(ascii: "[") {
            let elements = RawObject.elements(value)
            return Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
        }
        return (try? RawObject(checked: value))?[name]
    }

    /// RFC 6901 §4.
    private static func unescaped(_ token: Substring) -> String {
        String(token).replacing("~1", with: "/").replacing("~0", with: "~")
    }
}
