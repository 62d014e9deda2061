import Foundation
import RefundMessages
import Testing

@testable import RefundCtl

@Suite("Dead letters as tables") struct DeadLetterTableTests {
    private static let now = Instant(seconds: 1_800_000_000)

    private func row(
        id: String = "7", state: String = "open", reason: String = "invalid_message",
        path: String = "\"/lines/0\"", queue: String = "\"refund.requests\"",
        request: String = "\"r-1\"", failedAgainAs: String = "null", secondsAgo: Int64 = 90
    ) throws -> DeadLetterRow {
        let json = """
            {"id": "\(id)", "state": "\(state)", "reason": "\(reason)", "path": \(path),
             "queue": \(queue), "exchange": "refund.requests", "requestId": \(request),
             "orderId": null, "failedAgainAs": \(failedAgainAs),
             "receivedAt": "\(Self.now.advanced(bySeconds: -secondsAgo).rfc3339)"}
            """
        return try DeadLetterRow(
            json: JSONDocument(JSONBytes.withoutNUL(Array(json.utf8)), limits: .stored).root)
    }

    private func lines(_ rows: DeadLetterRow...) -> [String] {
        var table = StreamedTable(DeadLetterRow.titles)
        return table.lines(rows.map { $0.cells(at: Self.now) }, colour: false)
    }

    @Test func `a row says what is wrong, where, and since when`() throws {
        let failed = try row(
            id: "123", state: "replayed", path: "null", queue: "null", request: "null",
            failedAgainAs: "\"456\"", secondsAgo: 200_000)
        #expect(
            lines(try row(), failed) == [
                "ID   STATE                    REASON           FAULT AT  FROM                      REQUEST  ORDER    AGE",
                "7    open                     invalid_message  /lines/0  refund.requests           r-1             1 min",
                "123  replayed, failed as 456  invalid_message            exchange refund.requests                    2 d",
            ])
    }

    @Test func `what a message carries cannot break the table`() throws {
        let hostile = #"a\u001b[2J\u0000\u202e"# + String(repeating: "x", count: 900)
        let row = try row(
            reason: hostile, path: "\"\(hostile)\"", queue: "\"\(hostile)\"",
            request: "\"\(hostile)\"")
        for line in lines(row) {
            #expect(line.unicodeScalars.allSatisfy { !$0.isUnsafeToPrint })
            #expect(line.columns < 260)
        }
    }

    @Test func `a later page goes on in the columns of the first, without titles`() {
        var table = StreamedTable(Table("A", ">B"))
        #expect(table.lines([["wide one", "1"]], colour: false) == ["A         B", "wide one  1"])
        #expect(table.lines([["x", "22"]], colour: false) == ["x         22"])
        #expect(table.lines([], colour: false).isEmpty)
        #expect(table.lines([["y", "3"]], colour: false) == ["y          3"])
        #expect(table.count == 3)
    }

    @Test(
        arguments: [
            ("90s", 90), ("10m", 600), ("2h", 7_200), ("3d", 259_200), ("0s", nil), ("5", nil),
            ("-1m", nil), ("1w", nil), ("", nil), ("m", nil), ("99999999999999999999d", nil),
            ("36601d", nil),
        ] as [(String, Int64?)])
    func `an age is a number with its unit`(text: String, seconds: Int64?) {
        #expect(Age(argument: text)?.seconds == seconds)
    }

    @Test(
        arguments: [
            (0, "0 s"), (59, "59 s"), (60, "1 min"), (3_599, "59 min"), (3_600, "1 h"),
            (172_799, "47 h"), (172_800, "2 d"), (-5, "0 s"),
        ] as [(Int64, String)])
    func `an age is told in its largest unit`(seconds: Int64, text: String) {
        let then = Self.now.advanced(bySeconds: -seconds)
        #expect(Age.text(since: then, Self.now) == text)
    }

    @Test(arguments: [
        "{\"a\":\"\u{9B}\u{202E}\u{7F}é\u{E0041}\u{FEFF}\"}", #"{"a":"\u001b\\u0000"}"#, "[1, 2 ]",
    ])
    func `JSON for a terminal is the same JSON`(text: String) throws {
        let printable = JSONBytes.printable(Array(text.utf8))
        #expect(
            !String(decoding: printable, as: UTF8.self).unicodeScalars.contains {
                $0.isUnsafeToPrint
            })
        let before = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSObject
        let after = try JSONSerialization.jsonObject(with: Data(printable)) as? NSObject
        #expect(before == after)
    }

    @Test(arguments: [
        (#""a\u0000b""#, "\"a\u{2400}b\""), (#""\\u0000""#, #""\\u0000""#),
        (#""\\\u0000""#, "\"\\\\\u{2400}\""), (#""\u0001""#, #""\u0001""#), ("\"\\", "\"\\"),
    ])
    func `an escaped NUL can be shown`(json: String, expected: String) {
        #expect(String(decoding: JSONBytes.withoutNUL(Array(json.utf8)), as: UTF8.self) == expected)
    }

    @Test func `compact JSON keeps what is in strings`() {
        let json = "{ \"a b\" : \"x \\\" y\" ,\n\t\"c\": [ 1 , 2 ] }"
        let compact = String(decoding: JSONBytes.compact(Array(json.utf8)), as: UTF8.self)
        #expect(compact == #"{"a b":"x \" y","c":[1,2]}"#)
    }

    @Test func `a difference shows what changed and a little around it`() throws {
        let same = (1...9).map { #"{"op": "same", "text": "l\#($0)"}"# }
        let lines =
            same + [#"{"op": "removed", "text": "old"}"#, #"{"op": "added", "text": "n\u001bw"}"#]
        let diff = try JSONDocument(Array("[\(lines.joined(separator: ","))]".utf8)).root
            .list(of: Job.DiffLine.self)
        #expect(
            DiffText.lines(diff) { text, _ in text }
                == ["  …", "  l7", "  l8", "  l9", "- old", "+ n\\u{1b}w"])
        let painted = DiffText.lines(diff) { $1.paint($0, colour: true) }
        #expect(
            painted.suffix(2) == ["\u{1B}[31m- old\u{1B}[0m", "\u{1B}[32m+ n\\u{1b}w\u{1B}[0m"])
    }

    @Test func `what became of a replay adds up`() throws {
        let job = try Job(
            json: JSONDocument(
                Array(
                    """
                    {"id": "1", "action": "replay", "state": "finished", "total": 14, "waiting": 0,
                     "sending": 0, "done": 10, "skipped": 4, "failed": 0, "processed": 5,
                     "failedAgain": 2, "diff": null}
                    """.utf8)
            ).root)
        #expect(job.unknown == 3 && job.applicable == 10 && job.isOver)
    }
}
