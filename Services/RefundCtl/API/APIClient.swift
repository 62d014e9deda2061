import Foundation
import FoundationNetworking
import RefundMessages

/// A service's HTTP API. One answer at a time, bounded in size and time.
struct APIClient: Sendable {
    /// An answer longer than this is refused: 16 MiB.
    static let maxBodyBytes = 16 * 1024 * 1024
    /// From the call to the whole answer, in seconds.
    static let timeoutSeconds: TimeInterval = 15

    private let baseURL: URL
    private let token: String?
    /// Who asks, where no token says it.
    private let operatorName: String?

    /// - Parameters:
    ///   - operatorName: who asks, if the user said so; without a token it is the login name.
    ///   - option: what gave the address.
    init(
        baseURL: String, tokenFile: String?, operatorName: String? = nil,
        option: String = "--api-url"
    ) throws(CommandFailure) {
        guard let url = URL(string: baseURL), let scheme = url.scheme, url.host != nil,
            ["http", "https"].contains(scheme)
        else {
            throw CommandFailure(.badInput, "\(baseURL) is no http or https address (\(option))")
        }
        self.baseURL = url
        token = try tokenFile.map(GlobalOptions.secret)
        self.operatorName = operatorName ?? (tokenFile == nil ? NSUserName() : nil)
    }

    /// The body of a 200; nil for a 404. `path` holds the segments, which are escaped here.
    func get(
        _ path: [String], _ query: [(name: String, value: String)] = [],
        timeout: TimeInterval = timeoutSeconds
    ) async throws(CommandFailure) -> [UInt8]? {
        let request = request(path, query, timeout: timeout)
        let (status, body) = try await Download.run(request, maxBytes: Self.maxBodyBytes)
        switch status {
        case 200: return body
        case 404: return nil
        default: throw failure(status, body)
        }
    }

    /// The body of a 200 as JSON; nil for a 404.
    func json(
        _ path: [String], _ query: [(name: String, value: String)] = [],
        timeout: TimeInterval = timeoutSeconds
    ) async throws(CommandFailure) -> (bytes: [UInt8], root: JSONValue)? {
        guard let body = try await get(path, query, timeout: timeout) else { return nil }
        return (body, try parse(body))
    }

    /// Posts JSON under an idempotency key: the same again is the same wish.
    ///
    /// - Returns: the status, 200 or 202, and the answer.
    func post(
        _ path: [String], body: [UInt8], idempotencyKey: String
    ) async throws(CommandFailure) -> (status: Int, bytes: [UInt8], root: JSONValue) {
        var request = request(path, [], timeout: Self.timeoutSeconds)
        request.httpMethod = "POST"
        request.httpBody = Data(body)
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue(idempotencyKey, forHTTPHeaderField: "Idempotency-Key")
        let (status, answer) = try await Download.run(request, maxBytes: Self.maxBodyBytes)
        guard status == 200 || status == 202 else { throw failure(status, answer) }
        return (status, answer, try parse(answer))
    }

    /// A request of the API's version, with the name or token of who asks.
    func request(
        _ path: [String], _ query: [(name: String, value: String)], timeout: TimeInterval
    ) -> URLRequest {
        var url = baseURL
        for segment in ["v1"] + path { url.appendPathComponent(segment) }
        var components = URLComponents(url: url, resolvingAgainstBaseURL: false)
        if !query.isEmpty {
            components?.percentEncodedQuery = query.map { "\($0)=\($1.percentEncoded)" }
                .joined(separator: "&")
        }
        var request = URLRequest(url: components?.url ?? url, timeoutInterval: timeout)
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        if let operatorName {
            request.setValue(operatorName.percentEncoded, forHTTPHeaderField: "Refund-Operator")
        }
        return request
    }

    /// What the answer says, in its own words where it has any.
    func failure(_ status: Int, _ body: [UInt8]) -> CommandFailure {
        let said =
            try? JSONDocument(body, limits: .stored).root["error"].text(1...1_000)
        switch status {
        case 401, 403:
            let reason = said ?? "the token is refused"
            return CommandFailure(
                .refused, "the API at \(baseURL) says: \(reason) (REFUND_API_TOKEN_FILE)")
        case 404, 409:
            return CommandFailure(.refused, said ?? "the API at \(baseURL) answered \(status)")
        default:
            let reason = said ?? String(decoding: body.prefix(500), as: UTF8.self)
            return CommandFailure(.refused, "the API at \(baseURL) answered \(status): \(reason)")
        }
    }

    private func parse(_ body: [UInt8]) throws(CommandFailure) -> JSONValue {
        do {
            return try JSONDocument(body, limits: .stored).root
        } catch {
            throw CommandFailure(
                .refused, "the API at \(baseURL) answered no JSON: \(error.detail)")
        }
    }
}

extension String {
    /// RFC 3986: all but the unreserved characters escaped.
    var percentEncoded: String {
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}
