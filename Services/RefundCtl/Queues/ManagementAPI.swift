import AMQP
import Foundation
import FoundationNetworking

/// What goes through a queue.
struct QueueTraffic: Hashable {
    /// Messages that a consumer holds; nil in a queue's first seconds.
    var unacked: Int?
    /// Messages published to it a second.
    var inPerSecond: Double
    /// Messages acked a second.
    var outPerSecond: Double
}

/// RabbitMQ's management API, as far as it tells of queues: what AMQP has no method for.
struct ManagementAPI {
    /// For the whole answer, in seconds.
    static let timeout: TimeInterval = 10
    /// A queue takes about 300 bytes of the answer: 16 MiB.
    static let maxBodyBytes = 16 << 20

    private let request: URLRequest
    private let address: String

    /// - Parameters:
    ///   - url: as `http://127.0.0.1:15672`; user and password in it go before the broker's.
    ///   - broker: the AMQP URL, whose user, password and virtual host count.
    init(_ url: String, broker: String) throws {
        let configuration: BrokerConfiguration
        do {
            configuration = try BrokerConfiguration(uri: broker, connectionName: "refundctl")
        } catch {
            throw CommandFailure(.badInput, "the broker's address is wrong: \(error)")
        }
        let endpoint = configuration.endpoints[0]
        guard var parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme),
            parts.host?.isEmpty == false
        else {
            throw CommandFailure(
                .badInput,
                "--management-url is no http or https address such as "
                    + "http://127.0.0.1:15672")
        }
        let login = "\(parts.user ?? endpoint.user):\(parts.password ?? endpoint.password)"
        (parts.user, parts.password) = (nil, nil)
        address = parts.string ?? ""
        let base = parts.percentEncodedPath
        parts.percentEncodedPath =
            (base.hasSuffix("/") ? String(base.dropLast()) : base) + "/api/queues/"
            + endpoint.virtualHost.percentEncoded
        parts.percentEncodedQuery =
            "columns=name,messages_unacknowledged,message_stats"
        guard let whole = parts.url else {
            throw CommandFailure(.badInput, "--management-url \(address) is no address")
        }
        var request = URLRequest(url: whole, timeoutInterval: Self.timeout)
        request.setValue(
            "Basic " + Data(login.utf8).base64EncodedString(), forHTTPHeaderField: "Authorization")
        self.request = request
    }

    /// By queue. Throws where nothing or something else answers.
    func traffic() async throws(CommandFailure) -> [String: QueueTraffic] {
        let (status, body) = try await Download.run(request, maxBytes: Self.maxBodyBytes)
        switch status {
        case 200: break
        case 401:
            throw CommandFailure(
                .refused,
                "the management API at \(address) refuses the user: its tag must be management, "
                    + "monitoring or administrator")
        default:
            throw CommandFailure(.refused, "\(address) answered \(status), not as a management API")
        }
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let rows = try decoder.decode([Row].self, from: Data(body))
            return Dictionary(rows.map { ($0.name, $0.traffic) }) { first, _ in first }
        } catch {
            throw CommandFailure(.refused, "\(address) does not answer as a management API")
        }
    }

    /// As RabbitMQ 3.10 to 4.x say it; a queue that had no message yet has no statistics.
    private struct Row: Decodable {
        struct Statistics: Decodable {
            var publishDetails: Details?
            var ackDetails: Details?
        }

        struct Details: Decodable {
            var rate: Double
        }

        var name: String
        var messagesUnacknowledged: Int?
        var messageStats: Statistics?

        var traffic: QueueTraffic {
            QueueTraffic(
                unacked: messagesUnacknowledged,
                inPerSecond: max(0, messageStats?.publishDetails?.rate ?? 0),
                outPerSecond: max(0, messageStats?.ackDetails?.rate ?? 0))
        }
    }
}
