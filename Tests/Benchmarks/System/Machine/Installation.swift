import Foundation
import TestSupport

/// A private broker with two virtual hosts of the same topology: the system's and the raw pump's.
/// Both have a subscriber's queue, which takes every outcome.
final class Installation: Sendable {
    static let subscriberQueue = "subscriber.bench"
    private static let pumpHost = "pump"

    let node: PrivateBroker
    /// Data and logs of the run.
    let directory: String

    /// - Parameter directory: is emptied.
    static func start(in directory: String) async throws -> Installation {
        try? FileManager.default.removeItem(atPath: directory)
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        let installation = Installation(try await PrivateBroker.start(), directory)
        try await installation.define()
        return installation
    }

    private init(_ node: PrivateBroker, _ directory: String) {
        self.node = node
        self.directory = directory
    }

    func stop() async throws { try await node.stop() }

    /// The system's host, with every right.
    var systemURL: String { node.url }
    var pumpURL: String { node.url(virtualHost: Self.pumpHost) }

    /// With the rights of a service.
    func url(of user: String) throws -> String {
        let password = try String(
            contentsOfFile: "\(directory)/secrets/\(user)", encoding: .utf8)
        return node.url(
            user: user, password: password.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// The broker's own share of the work.
    func brokerFigures() throws -> ProcessFigures {
        guard let text = try? String(contentsOfFile: node.directory + "/pid", encoding: .utf8),
            let pid = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)),
            let figures = ProcessFigures(pid: pid)
        else { throw BenchmarkFailure("the private broker has ended") }
        return figures
    }

    private func define() async throws {
        let repository = Repository.path("deploy/rabbitmq/definitions.json")
        let complete = "\(directory)/definitions.json"
        let ending = try await Command.run(
            Repository.path("deploy/rabbitmq/with-passwords.sh"),
            [repository, "\(directory)/secrets", complete])
        guard ending.status == 0 else {
            throw BenchmarkFailure("with-passwords.sh failed: \(ending.output)")
        }
        try await node.control("import_definitions", complete)
        let second = "\(directory)/pump.json"
        try Self.pumpDefinitions(URL(filePath: repository)).write(to: URL(filePath: second))
        try await node.control("import_definitions", second)
    }

    /// The repository's exchanges, queues and bindings once more, for the pump, and the subscriber.
    private static func pumpDefinitions(_ file: URL) throws -> Data {
        guard
            let all = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
                as? [String: [[String: Any]]],
            let work = all["queues"]?.first(where: { $0["name"] as? String == "refund.results" })
        else { throw BenchmarkFailure("definitions.json is not what it was") }
        let right: [String: Any] = [
            "user": "guest", "vhost": pumpHost, "configure": ".*", "write": ".*", "read": ".*",
        ]
        var own: [String: Any] = ["vhosts": [["name": pumpHost]], "permissions": [right]]
        for kind in ["exchanges", "queues", "bindings"] {
            own[kind] = (all[kind] ?? []).map { $0.merging(["vhost": pumpHost]) { $1 } }
        }
        let hosts = ["/", pumpHost]
        own["queues"] =
            (own["queues"] as? [[String: Any]] ?? [])
            + hosts.map { work.merging(["name": subscriberQueue, "vhost": $0]) { $1 } }
        own["bindings"] =
            (own["bindings"] as? [[String: Any]] ?? [])
            + hosts.map {
                [
                    "source": "refund.outcomes", "vhost": $0, "destination": subscriberQueue,
                    "destination_type": "queue", "routing_key": "#",
                    "arguments": [String: String](),
                ]
            }
        return try JSONSerialization.data(withJSONObject: own)
    }
}
