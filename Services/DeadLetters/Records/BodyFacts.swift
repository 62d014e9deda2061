import RefundMessages

/// What a body says it is about, where that can be read.
struct BodyFacts: Equatable {
    var requestID: String?
    var orderID: String?

    /// Bytes of a broken body that are searched.
    private static let searchedBytes = 64 * 1_024
    private static let identifierBytes = 64

    /// - Parameter correlationID: the property, which is the request id on all that is about one.
    init(_ body: [UInt8], correlationID: String?) {
        if let root = try? JSONDocument(body, limits: .outcome).root {
            requestID =
                (try? root["requestId"].identifier()) ?? (try? root["caseId"].identifier())
            orderID = try? root["orderId"].identifier()
        } else {
            let head = body.prefix(Self.searchedBytes)
            requestID = Self.search("\"requestId\"", in: head)
            orderID = Self.search("\"orderId\"", in: head)
        }
        requestID = requestID ?? correlationID.flatMap { isIdentifier($0) ? $0 : nil }
    }

    /// The id after that name in a text that is no JSON: an operator who looks for a customer's
    /// request finds the broken one too.
    private static func search(_ name: String, in body: ArraySlice<UInt8>) -> String? {
        guard let range = body.firstRange(of: Array(name.utf8)) else { return nil }
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        var rest = body[range.upperBound...].drop(while: isSpace)
        guard rest.popFirst() == UInt8(ascii: ":") else { return nil }
        rest = rest.drop(while: isSpace)
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        let id = rest.prefix(identifierBytes).prefix { $0 != UInt8(ascii: "\"") }
        let text = String(decoding: id, as: UTF8.self)
        return isIdentifier(text) ? text : nil
    }
}
