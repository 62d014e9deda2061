import RefundMessages
import Testing

@testable import RefundCtl

@Suite("The body of a dead letter") struct BodyLinesTests {
    private static let request = """
        {
          "requestId": "r-1",
          "requestedAt": "yesterday",
          "lines": [
            {"lineId": "1"},
            {"a/b~c": 5}
          ]
        }
        """

    private func text(_ body: String, _ path: String?) -> [String] {
        BodyLines(Array(body.utf8), path: path)?.text(label: "why") { text, _ in text } ?? []
    }

    @Test(arguments: [
        ("/requestedAt", 3, #"  │                  ^^^^^^^^^^^ why"#),
        ("/requestId", 2, #"  │                ^^^^^ why"#),
        ("/lines/1/a~1b~0c", 6, #"  │               ^ why"#),
        ("/lines/0", 5, #"  │     ^^^^^^^^^^^^^^^ why"#),
        ("/lines", 4, #"  │            ^ why"#),
        ("/orderId", 1, #"  │ ^ why: orderId is missing here"#),
        ("/lines/0/fee", 5, #"  │     ^ why: fee is missing here"#),
        ("", 1, #"  │ ^ why"#),
    ])
    func `the value that the path names is underlined`(path: String, line: Int, mark: String) {
        let lines = text(Self.request, path)
        #expect(lines.firstIndex { $0.contains("^") } == line)
        #expect(lines.first { $0.contains("^") } == mark)
    }

    @Test(arguments: [
        (#"{"a": 1,}"#, 1, "  │         ^ why"), ("{\n  \"a\" 1\n}", 2, "  │       ^ why"),
        ("", 1, "  │ ^ why"), (#"{"a": "#, 1, "  │       ^ why"),
    ])
    func `of what is no JSON the place where reading ends is marked`(
        body: String, line: Int, mark: String
    ) {
        let lines = text(body, nil)
        #expect(lines.firstIndex { $0.contains("^") } == line)
        #expect(lines.first { $0.contains("^") } == mark)
    }

    @Test func `a body without a known place has no mark`() {
        #expect(!text(Self.request, nil).contains { $0.contains("^") })
        #expect(BodyLines([0xFF, 0xFE], path: nil) == nil)
    }

    @Test func `a long line is cut around its fault, and a long body too`() {
        let long = "{\"a\": \"\(String(repeating: "x", count: 900))\", \"b\": nope}"
        let lines = text(long, nil)
        #expect(lines.allSatisfy { $0.columns <= BodyLines.widest + 12 })
        #expect(lines[0].contains("nope"))
        let place = lines[0].columns(before: "nope}")
        #expect(lines[1].columns(before: "^") == place)

        let tall = "[\n" + String(repeating: "1,\n", count: 999) + "oops\n]"
        let shown = text(tall, nil)
        #expect(shown.count == BodyLines.mostLines + 2)
        #expect(shown[0] == "… 802 lines above")
        #expect(shown.contains { $0.hasSuffix("│ oops") })
    }

    /// Everything that is there, told in this one: nothing of it may reach a terminal.
    @Test(arguments: [
        "\u{1B}]0;owned\u{7}", "\u{9B}2J", "\u{202E}evil", "\u{2066}x", "\r\u{8}\u{7F}", "\u{200F}",
        "\u{85}", "\u{2028}", "\u{E0041}", "\u{FEFF}",
    ])
    func `nothing that a terminal would obey is shown`(hostile: String) {
        let bodies = [hostile, "{\"a\": \"\(hostile)\"}", "{\"\(hostile)\": 1"]
        for body in bodies {
            for path in [nil, "/a", "/\(hostile)"] {
                for line in text(body, path) {
                    #expect(line.unicodeScalars.allSatisfy { !$0.isUnsafeToPrint })
                }
            }
        }
        #expect(hostile.clipped(to: 80).unicodeScalars.allSatisfy { !$0.isUnsafeToPrint })
    }

    @Test func `bytes that are no text are shown in hexadecimal`() {
        #expect(
            HexDump.lines(Array("A\u{1B}[".utf8) + [0xFF])
                == ["00000000  41 1b 5b ff                                      |A.[.|"])
        let lines = HexDump.lines([UInt8](repeating: 0x41, count: 1_000))
        #expect(lines.count == HexDump.mostLines + 1)
        #expect(lines.last == "… 488 bytes below")
    }
}

extension String {
    fileprivate func columns(before text: String) -> Int? {
        range(of: text).map { self[..<$0.lowerBound].description.columns }
    }

    private func range(of text: String) -> Range<String.Index>? { firstRange(of: text) }
}
