import Foundation
import FoundationNetworking
import RefundMessages

/// The dead-letter service's HTTP API, as its OpenAPI description says.
struct DeadLetterAPI: Sendable {
    /// Entries that one page may have.
    static let maxPage = 200
    /// A page of whole dead letters: bodies as text and as base64, and their headers. 128 MiB.
    private static let maxAnswerBytes = 128 << 20
    /// Headers may be nested 64 deep, and each level of them may be a list in an object.
    private static let limits = JSONLimits(maxBytes: Int(Int32.max), maxDepth: 256)

    let client: APIClient

    /// An answer as it came, and as it is read.
    struct Answer: Sendable {
        var bytes: [UInt8]
        var root: JSONValue

        /// The same JSON, safe on a terminal.
        var printable: [UInt8] { JSONBytes.printable(bytes) }
    }

    /// Nil for a 404.
    func get(
        _ path: [String], _ query: [(name: String, value: String)] = []
    ) async throws(CommandFailure) -> Answer? {
        let request = client.request(path, query, timeout: APIClient.timeoutSeconds)
        let (status, body) = try await Download.run(request, maxBytes: Self.maxAnswerBytes)
        switch status {
        case 200: return try Self.answer(body)
        case 404: return nil
        default: throw client.failure(status, body)
        }
    }

    /// Throws ``EditFault`` where the service says what is wrong with an edited message.
    func post(_ path: [String], _ body: [UInt8] = []) async throws -> Answer {
        var request = client.request(path, [], timeout: APIClient.timeoutSeconds)
        request.httpMethod = "POST"
        request.httpBody = Data(body)
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        let (status, answer) = try await Download.run(request, maxBytes: Self.maxAnswerBytes)
        switch status {
        case 200, 201: return try Self.answer(answer)
        case 422: throw try EditFault(json: Self.answer(answer).root)
        default: throw client.failure(status, answer)
        }
    }

    private static func answer(_ body: [UInt8]) throws(CommandFailure) -> Answer {
        do {
            let document = try JSONDocument(JSONBytes.withoutNUL(body), limits: limits)
            return Answer(bytes: body, root: document.root)
        } catch {
            throw CommandFailure(
                .refused, "the dead-letter service answered no JSON: \(error.detail)")
        }
    }

    /// Everything about one. Throws where there is none.
    func deadLetter(_ id: String) async throws(CommandFailure) -> Answer {
        guard let answer = try await get(["dead-letters", id]) else {
            throw CommandFailure(.refused, "there is no dead letter \(id)")
        }
        return answer
    }
}

/// Why today's code would refuse an edited message.
struct EditFault: Error, JSONReadable {
    var reason: String
    var path: String?
    var detail: String

    init(json: JSONValue) throws(MessageFault) {
        reason = try json["reason"].text()
        path = try json["path"].ifPresent?.anyText()
        detail = try json["detail"].anyText()
    }
}

extension JSONValue {
    /// A text of any length, the empty one too.
    func anyText() throws(MessageFault) -> String { try text(0...Int(Int32.max)) }
}
