import AMQP
import Database
import DatabaseSupport
import DeadLettersSupport
import Foundation
import RefundMessages
import RefundService
import Testing

@testable import DeadLetters

/// Pages and groups against what a look at everything says.
@Suite(.everyEngine, .timeLimit(.minutes(10))) struct RecordQueryTests {
    private static let count = 700

    private func filled() async throws -> StoreRig {
        let rig = try await StoreRig()
        for start in stride(from: 0, to: Self.count, by: 70) {
            rig.advance(10)
            try await rig.arrive(
                (start..<start + 70).map { number in
                    let reasons = ["invalid_message", "unknown_line", "malformed_json"]
                    var message = DeadLetterSamples.fromService(
                        #"{"requestId":"r-\#(number % 90)","orderId":"o-\#(number / 5)","n":"<\#(number)>"}"#,
                        id: "m-\(number)", reason: reasons[number % 7 % 3],
                        path: number % 2 == 0 ? "/lines/\(number % 5)/fee" : nil,
                        queue: number % 3 == 0 ? "refund.reviews" : "refund.requests")
                    message.properties.type = number % 5 == 0 ? "a.v1" : "b.v1"
                    return arrival(message)
                })
        }
        let job = try await rig.job(
            #"{"key":"d","action":"discard","note":"n","select":{"filter":{"requestId":"r-7"}}}"#)
        try await rig.steps.apply(job)
        return rig
    }

    private static func filters(_ rig: StoreRig) -> [RecordFilter] {
        let change = { (body: (inout RecordFilter) -> Void) in
            var filter = RecordFilter()
            body(&filter)
            return filter
        }
        return [
            change { _ in }, change { $0.state = .open }, change { $0.state = .discarded },
            change { $0.queue = "refund.reviews" },
            change {
                $0.queue = "refund.reviews"
                $0.reason = "unknown_line"
            },
            change {
                $0.queue = "refund.reviews"
                $0.reason = "unknown_line"
                $0.state = .discarded
                $0.type = "b.v1"
            },
            change { $0.type = "a.v1" }, change { $0.requestID = "r-7" },
            change {
                $0.orderID = "o-3"
                $0.type = "a.v1"
            },
            change { $0.since = StoreRig.start.advanced(bySeconds: 40) },
            change { $0.until = StoreRig.start.advanced(bySeconds: 40) },
            change {
                $0.since = StoreRig.start.advanced(bySeconds: 30)
                $0.until = StoreRig.start.advanced(bySeconds: 50)
                $0.reason = "invalid_message"
            },
            change { $0.since = StoreRig.start.advanced(bySeconds: 40_000) },
            change { $0.until = StoreRig.start }, change { $0.queue = "nowhere" },
            change { $0.text = "<123>" }, change { $0.text = "\"n\":\"<1" },
            change {
                $0.text = "<1"
                $0.queue = "refund.reviews"
            }, change { $0.text = "not there" },
        ]
    }

    private func matches(_ record: Record, _ filter: RecordFilter, _ body: [UInt8]) -> Bool {
        func fits<Value: Equatable>(_ wanted: Value?, _ value: Value?) -> Bool {
            wanted == nil || wanted == value
        }
        return fits(filter.state, record.state) && fits(filter.queue, record.queue)
            && fits(filter.reason, record.reason) && fits(filter.type, record.type)
            && fits(filter.requestID, record.requestID) && fits(filter.orderID, record.orderID)
            && (filter.since.map { record.receivedAt >= $0 } ?? true)
            && (filter.until.map { record.receivedAt < $0 } ?? true)
            && (filter.text.map { String(decoding: body, as: UTF8.self).contains($0) } ?? true)
    }

    @Test(
        "All pages together are what the filter says, in order, in both directions",
        arguments: [ArrivalOrder.newest, .oldest], [Int64(1), 7, 200])
    func pages(order: ArrivalOrder, limit: Int64) async throws {
        let rig = try await filled()
        let (records, contents) = try await rig.database.read { connection in
            let records = try connection.query(
                "SELECT \(Record.columns) FROM dead_letters ORDER BY id", []
            ).map { try Record($0) }
            return (records, try Content.load(records.map(\.id), in: connection))
        }
        #expect(records.count == Self.count)
        for filter in Self.filters(rig) {
            let model = records.filter { matches($0, filter, contents[$0.id]?.body ?? []) }
                .map(\.id)
            var found: [Int64] = []
            var cursor: Int64?
            var pages = 0
            repeat {
                let after = cursor
                let page = try await rig.database.read {
                    try filter.page(order, after: after, limit: limit, in: $0)
                }
                #expect(page.elements.count <= limit)
                found += page.elements.map(\.id)
                cursor = page.next
                pages += 1
            } while cursor != nil && pages <= Self.count + 1
            #expect(found == (order == .oldest ? model : model.reversed()), "\(filter)")
        }
    }

    @Test("Groups are what counting says, by count and by the latest, page by page")
    func groups() async throws {
        let rig = try await filled()
        #expect(try await rig.countsAreRight())
        for order in KindQuery.Order.allCases {
            var kinds: [Kind] = []
            var cursor: KindQuery.Cursor?
            repeat {
                let after = cursor
                let (page, next) = try await rig.database.read {
                    try KindQuery(state: nil, order: order, connection: $0)
                        .page(after: after, limit: 3)
                }
                kinds += page
                cursor = next
            } while cursor != nil
            #expect(Set(kinds.map(\.fingerprint)).count == kinds.count)
            #expect(kinds.map(\.total).reduce(0, +) == Int64(Self.count))
            let keys = kinds.map { order == .count ? $0.total : $0.lastID }
            #expect(keys == keys.sorted(by: >))
        }
        let discarded = try await rig.database.read {
            try KindQuery(state: .discarded, order: .count, connection: $0)
                .page(after: nil, limit: 200).kinds
        }
        #expect(!discarded.isEmpty)
        #expect(discarded.allSatisfy { ($0.byState[.discarded] ?? 0) > 0 })
    }

    @Test("A fault's place is marked in the indented body, or where it is missing")
    func pretty() throws {
        let body = Array(#"{"a":[1,{"b~/c":"x"}],"d":{},"e":[ ]}"#.utf8)
        let whole = try #require(PrettyJSON(body, path: nil))
        #expect(
            whole.text == """
                {
                  "a": [
                    1,
                    {
                      "b~/c": "x"
                    }
                  ],
                  "d": {},
                  "e": []
                }
                """)
        let places = [
            ("/a/1/b~0~1c", 5), ("/a/1/none", 4), ("/a", 2), ("/missing", 1), ("", 1), ("/d", 8),
        ]
        for (path, line) in places {
            #expect(PrettyJSON(body, path: path)?.faultLine == line, "\(path)")
        }
        #expect(whole.faultLine == nil)
        #expect(PrettyJSON(Array("{".utf8), path: nil) == nil)
    }

    @Test("An edit's difference is told line by line")
    func difference() {
        let lines = BodyDiff.lines(
            from: Array(#"{"a":1,"b":2}"#.utf8), to: Array(#"{"a":1,"b":3}"#.utf8))
        #expect(
            lines.map { "\($0.op.rawValue) \($0.text)" } == [
                "same {", "same   \"a\": 1,", "removed   \"b\": 2", "added   \"b\": 3", "same }",
            ])
        let broken = BodyDiff.lines(from: Array("{\nx".utf8), to: Array("{}".utf8))
        #expect(broken.map(\.op) == [.removed, .removed, .added])
    }
}
