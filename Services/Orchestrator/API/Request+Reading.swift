import HTTPTypes
import Hummingbird
import RefundMessages
import WorkerRuntime

/// Rows of one answer of a list.
enum PageSize {
    static let standard: Int64 = 100
    static let largest: Int64 = 1_000
}

extension Request {
    /// Bytes of a body; an operator's note is far shorter.
    static let maximumBodyBytes = 16 * 1_024

    /// `limit`, from 1 to ``PageSize/largest``.
    func limit() throws(APIFault) -> Int64 {
        guard let text = parameter("limit") else { return PageSize.standard }
        guard let limit = Int64(text), (1...PageSize.largest).contains(limit) else {
            throw .invalid("limit must be from 1 to \(PageSize.largest)")
        }
        return limit
    }

    /// A place in a list, as an earlier answer gave it.
    func mark(_ name: String) throws(APIFault) -> PageMark? {
        guard let text = parameter(name) else { return nil }
        guard let mark = PageMark(text) else {
            throw .invalid("\(name) must be as an earlier answer gave it")
        }
        return mark
    }

    /// An id of the message contract.
    func identifier(_ name: String) throws(APIFault) -> String? {
        guard let text = parameter(name) else { return nil }
        guard isIdentifier(text) else { throw .invalid("\(name) is no id") }
        return text
    }

    func parameter(_ name: String) -> String? {
        uri.queryParameters[name[...]].map(String.init)
    }

    /// `Idempotency-Key`: the same again is the same wish.
    func idempotencyKey() throws(APIFault) -> String {
        guard let name = HTTPField.Name("Idempotency-Key"), let key = headers[name],
            ExceptionDesk.keyLength.contains(key.utf8.count),
            key.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "._:-".contains($0)) })
        else {
            throw .invalid(
                "the header Idempotency-Key must have 1 to 128 letters, digits or . _ : -")
        }
        return key
    }

    /// The body's `note`.
    mutating func note() async throws -> String {
        let buffer: [UInt8]
        do {
            buffer = Array(try await collectBody(upTo: Self.maximumBodyBytes).readableBytesView)
        } catch let error as HTTPError where error.status == .contentTooLarge {
            throw APIFault(
                status: .contentTooLarge, code: "too_large",
                sentence: "the body may have \(Self.maximumBodyBytes) bytes")
        }
        do {
            return try JSONDocument(buffer).root["note"].text(ExceptionDesk.noteLength)
        } catch {
            throw APIFault.invalid("\(error.path ?? "/note"): \(error.detail)")
        }
    }
}

extension PrincipalRequestContext {
    /// A part of the path, which must be an id of the message contract.
    func identifier(_ name: String) throws(APIFault) -> String {
        guard let text = parameters.get(name)?.removingPercentEncodedUTF8, isIdentifier(text) else {
            throw .invalid("the path's \(name) is no id")
        }
        return text
    }
}
