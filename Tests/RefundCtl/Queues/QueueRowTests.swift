import AMQP
import RefundMessages
import TestSupport
import Testing

@testable import RefundCtl

/// How what is known of a queue is said, and what is not known.
@Suite(.timeLimit(.minutes(5))) struct QueueRowTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var traffic: QueueTraffic?
        var age: QueueRow.Age?
        /// Unacked, in, out and oldest: for people, with two messages ready.
        var cells: [String]
        /// The same in JSON.
        var json: String
    }

    static let cases = [
        Case(
            testDescription: "nobody could be asked", cells: ["?", "?", "?", "?"],
            json: #""unacked":null,"inPerSecond":null,"outPerSecond":null,"oldestSeconds":null"#),
        Case(
            testDescription: "all is known",
            traffic: QueueTraffic(unacked: 512, inPerSecond: 12.34, outPerSecond: 1_999.96),
            age: .seconds(61), cells: ["512", "12.3", "2000.0", "61 s"],
            json: #""unacked":512,"inPerSecond":12.3,"outPerSecond":2000.0,"oldestSeconds":61"#),
        Case(
            testDescription: "a new queue, and messages that nobody has in hand",
            traffic: QueueTraffic(unacked: nil, inPerSecond: 0, outPerSecond: 0),
            age: QueueRow.Age.nothing, cells: ["?", "0.0", "0.0", "?"],
            json: #""unacked":null,"inPerSecond":0.0,"outPerSecond":0.0,"oldestSeconds":null"#),
    ]

    @Test(arguments: cases)
    func whatIsUnknownIsSaidToBe(_ item: Case) async throws {
        let node = try await PrivateBroker.shared()
        let queue = "row-\(item.cells.joined())"
        let status = try await withBroker(node.url) { broker in
            try await broker.topology().declare(
                QueueDeclaration(
                    name: queue,
                    arguments: FieldTable([("x-queue-type", .string(Array("classic".utf8)))])))
            let message = OutgoingMessage(exchange: "", routingKey: queue, body: [])
            _ = try await broker.publisher.publish([message, message])
            return try await broker.topology().status(of: queue)
        }
        let row = QueueRow(queue: "q", status: status, traffic: item.traffic, age: item.age)
        let cells = row.cells.map { $0.lines.joined() }
        #expect(cells == ["q", "2", item.cells[0], "0"] + item.cells[1...])
        let json = String(decoding: row.jsonBytes(), as: UTF8.self)
        let parts = item.json.split(separator: ",", maxSplits: 1)
        #expect(
            json == #"{"queue":"q","ready":2,\#(parts[0]),"consumers":0,\#(parts[1])}"#)
    }

    @Test func aQueueThatIsNotThereIsMissing() {
        let row = QueueRow(queue: "q", status: nil, traffic: nil, age: QueueRow.Age.nothing)
        #expect(row.cells.map { $0.lines.joined() } == ["q", "missing", "", "", "", "", ""])
    }

    @Test(
        arguments: [
            (0, "0 s"), (119, "119 s"), (120, "2 min"), (7_199, "119 min"), (7_200, "2 h"),
            (172_799, "47 h"), (172_800, "2 d"),
        ] as [(Int64, String)])
    func agesAreShort(seconds: Int64, text: String) {
        #expect(QueueRow.text(seconds: seconds) == text)
    }

    @Test func anAgeIsNeverNegative() {
        #expect(QueueRow.Age(publishedAt: 0, now: 100) == .nothing)
        #expect(QueueRow.Age(publishedAt: 40, now: 100) == .seconds(60))
        #expect(QueueRow.Age(publishedAt: 140, now: 100) == .seconds(0))
    }

    @Test func theMetricIsFoundAmongOthers() {
        let text = """
            # TYPE worker_oldest_message_timestamp_seconds gauge
            worker_oldest_message_timestamp_seconds{queue="refund.checks.pca"} 1795000000
            worker_oldest_message_timestamp_seconds{queue="refund.facts.pca"} 0
            worker_lanes{queue="refund.checks.pca"} 2
            """
        #expect(
            ServiceMetrics.oldest(in: text) == [
                "refund.checks.pca": 1_795_000_000, "refund.facts.pca": 0,
            ])
    }
}
