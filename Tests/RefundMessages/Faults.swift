import RefundMessages
import Testing

/// A valid message with one place changed, and where its fault must be found.
struct Fault: Sendable, CustomTestStringConvertible {
    let body: String
    let reason: DeadLetterReason
    let path: String?

    /// `found` is replaced where it stands first in the sample.
    init(_ sample: String, _ found: String, _ replacement: String, at path: String) {
        guard let range = sample.firstRange(of: found) else {
            preconditionFailure("The sample has no \(found)")
        }
        body = sample.replacingCharacters(in: range, with: replacement)
        reason = .invalidMessage
        self.path = path
    }

    init(body: String, _ reason: DeadLetterReason, at path: String? = nil) {
        self.body = body
        self.reason = reason
        self.path = path
    }

    var testDescription: String { "\(path ?? reason.rawValue) in \(body.prefix(300))" }

    /// Expects the decoder to refuse the body with exactly this reason and path.
    func check<Message>(
        _ decode: ([UInt8]) throws(MessageFault) -> Message,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        do throws(MessageFault) {
            _ = try decode(bytes(body))
            Issue.record("It was accepted.", sourceLocation: sourceLocation)
        } catch {
            #expect(error.reason == reason, sourceLocation: sourceLocation)
            #expect(error.path == path, sourceLocation: sourceLocation)
            #expect(error.detail.utf8.count <= 1_024, sourceLocation: sourceLocation)
            #expect(error.detail.hasSuffix("."), sourceLocation: sourceLocation)
        }
    }
}

extension String {
    fileprivate func firstRange(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }

    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
