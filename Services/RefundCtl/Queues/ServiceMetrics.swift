import Foundation
import FoundationNetworking

/// A service's `/metrics`, as far as it tells how old messages are.
struct ServiceMetrics {
    /// For the whole answer, in seconds.
    static let timeout: TimeInterval = 5
    /// Far more than a service shows: 4 MiB.
    static let maxBodyBytes = 4 << 20
    /// As `QueueLoad` of the services' runtime shows it.
    private static let metric = "worker_oldest_message_timestamp_seconds{queue=\""

    private let url: URL

    /// - Parameter address: of the service, with or without `/metrics`.
    init(_ address: String) throws(CommandFailure) {
        guard let url = URL(string: address), ["http", "https"].contains(url.scheme),
            url.host != nil
        else {
            throw CommandFailure(
                .badInput, "\(address) is no http or https address (--metrics-url)")
        }
        self.url = url.lastPathComponent == "metrics" ? url : url.appendingPathComponent("metrics")
    }

    /// Unix seconds at which the oldest message in hand was published, by queue; 0: none in hand.
    func oldest() async throws(CommandFailure) -> [String: Int64] {
        let request = URLRequest(url: url, timeoutInterval: Self.timeout)
        let (status, body) = try await Download.run(request, maxBytes: Self.maxBodyBytes)
        guard status == 200 else {
            throw CommandFailure(.refused, "\(url.absoluteString) answered \(status)")
        }
        return Self.oldest(in: String(decoding: body, as: UTF8.self))
    }

    /// The same of a text in Prometheus' format.
    static func oldest(in text: String) -> [String: Int64] {
        text.split(separator: "\n").reduce(into: [:]) { times, line in
            guard line.hasPrefix(metric) else { return }
            let parts = line.dropFirst(metric.count).split(separator: "\"} ")
            guard parts.count == 2, let seconds = Double(parts[1]) else { return }
            times[String(parts[0])] = Int64(exactly: seconds.rounded()) ?? 0
        }
    }
}
