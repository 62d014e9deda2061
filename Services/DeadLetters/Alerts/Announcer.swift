import AMQP
import AsyncHTTPClient
import Database
import Logging
import NIOCore
import NIOHTTP1
import RefundMessages
import RefundService
import WorkerRuntime

/// Tells of the first dead letter of its kind: an event on `refund.dead-letters.events`, and a POST of
/// the same JSON to the webhook. What is due stands in the database, so that a crash forgets none;
/// each may be told twice. One instance of several tells.
struct Announcer: Sendable {
    static let interval: Duration = .milliseconds(500)
    /// Announcements of one sweep.
    static let step = 50
    /// A webhook that does not take it is tried again after 1 s, 2 s … 10 min, this often at most.
    static let maximumAttempts: Int64 = 100
    private static let longestPauseSeconds: Int64 = 600
    private static let timeout: TimeAmount = .seconds(10)
    private static let persistent: UInt8 = 2

    let database: any Database
    let publisher: any MessagePublisher
    let webhook: String?
    let lease: Lease
    let clock: @Sendable () -> Instant
    let logger: Logger

    private struct Alert: Sendable {
        var record: Int64
        var document: [UInt8]
        var eventIsDue: Bool
        var webhookIsDue: Bool
        var attempts: Int64
    }

    func sweep() async throws {
        let now = clock()
        let alerts = try await database.read { connection in
            try connection.query(
                """
                SELECT record_id, document, event_due, webhook_due, attempts FROM alerts
                WHERE due_at <= $1 ORDER BY due_at LIMIT \(Self.step)
                """, [.instant(now)]
            ).map { row in
                Alert(
                    record: try row.integer(0), document: try row.blob(1),
                    eventIsDue: try row.flag(2), webhookIsDue: try row.flag(3),
                    attempts: try row.integer(4))
            }
        }
        guard !alerts.isEmpty, try await lease.hold() else { return }
        try await publish(alerts.filter(\.eventIsDue))
        // A webhook may be slow.
        for alert in alerts where try await lease.hold() { try await post(alert) }
    }

    private func publish(_ alerts: [Alert]) async throws {
        guard !alerts.isEmpty else { return }
        let outcomes = try await publisher.publish(
            alerts.map { alert in
                var properties = MessageProperties()
                properties.type = Names.eventType
                properties.contentType = "application/json"
                properties.messageID = "dead-letter-group-\(alert.record)"
                properties.deliveryMode = Self.persistent
                properties.timestamp = UInt64(max(0, clock().seconds))
                properties.appID = Audit.service.name
                return OutgoingMessage(
                    exchange: Names.events, routingKey: "new", mandatory: false,
                    properties: properties, body: alert.document)
            })
        let told = zip(alerts, outcomes).filter { $1 != .unconfirmed }.map(\.0)
        try await database.change { connection in
            try connection.executeEach(
                "UPDATE alerts SET event_due = 0 WHERE record_id = $1",
                told.map { [.integer($0.record)] })
        }
    }

    private func post(_ alert: Alert) async throws {
        var failure: String?
        if alert.webhookIsDue, let webhook { failure = await problem(of: webhook, alert.document) }
        let isOver = failure == nil || alert.attempts + 1 >= Self.maximumAttempts
        if let failure {
            logger.warning(
                "the webhook did not take a notice of a new kind of dead letter",
                metadata: ["dead_letter": "\(alert.record)", "error": "\(failure)"])
        }
        let pause = min(Self.longestPauseSeconds, 1 << min(alert.attempts, 10))
        let due = clock().advanced(bySeconds: pause)
        try await database.change { connection in
            if isOver {
                try connection.execute(
                    "DELETE FROM alerts WHERE record_id = $1 AND event_due = 0",
                    [.integer(alert.record)])
            } else {
                try connection.execute(
                    """
                    UPDATE alerts SET attempts = attempts + 1, due_at = $2 WHERE record_id = $1
                    """, [.integer(alert.record), .instant(due)])
            }
        }
    }

    /// Why the webhook did not take it; nil where it did.
    private func problem(of url: String, _ document: [UInt8]) async -> String? {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: document))
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: Self.timeout)
            let isTaken = (200..<300).contains(response.status.code)
            return isTaken ? nil : "it answered \(response.status.code)"
        } catch {
            return "\(error)"
        }
    }
}
