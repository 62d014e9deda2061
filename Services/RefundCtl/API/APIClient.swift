import Foundation
import FoundationNetworking
import RefundMessages

/// The orchestrator's HTTP API, read only. One answer at a time, bounded in size and time.
struct APIClient: Sendable {
    /// An answer longer than this is refused: 16 MiB.
    static let maxBodyBytes = 16 * 1024 * 1024
    /// From the call to the whole answer, in seconds.
    static let timeoutSeconds: TimeInterval = 15

    private let baseURL: URL
    private let token: String?

    init(baseURL: String, tokenFile: String?) throws(CommandFailure) {
        guard let url = URL(string: baseURL), let scheme = url.scheme, url.host != nil,
            ["http", "https"].contains(scheme)
        else {
            throw CommandFailure(.badInput, "\(baseURL) is no http or https address (--api-url)")
        }
        self.baseURL = url
        token = try tokenFile.map(GlobalOptions.secret)
    }

    /// The body of a 200; nil for a 404. `path` holds the segments, which are escaped here.
    func get(_ path: [String]) async throws(CommandFailure) -> [UInt8]? {
        var url = baseURL
        for segment in ["v1"] + path { url.appendPathComponent(segment) }
        var request = URLRequest(url: url, timeoutInterval: Self.timeoutSeconds)
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        let (status, body) = try await Download.run(request, maxBytes: Self.maxBodyBytes)
        switch status {
        case 200: return body
        case 404: return nil
        case 401, 403:
            throw CommandFailure(
                .refused, "the API at \(baseURL) refuses the token (REFUND_API_TOKEN_FILE)")
        default:
            let reason = String(decoding: body.prefix(500), as: UTF8.self)
            throw CommandFailure(.refused, "the API at \(baseURL) answered \(status): \(reason)")
        }
    }

    /// The body of a 200 as JSON; nil for a 404.
    func json(_ path: [String]) async throws(CommandFailure) -> (bytes: [UInt8], root: JSONValue)? {
        guard let body = try await get(path) else { return nil }
        do {
            return (body, try JSONDocument(body, limits: .stored).root)
        } catch {
            throw CommandFailure(
                .refused, "the API at \(baseURL) answered no JSON: \(error.detail)")
        }
    }
}
