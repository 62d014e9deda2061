import RefundMessages
import Testing

@Suite struct JSONTests {
    private func fault(_ body: [UInt8], maxBytes: Int = 65_536) -> MessageFault? {
        do throws(MessageFault) {
            _ = try JSONDocument(body, limits: JSONLimits(maxBytes: maxBytes))
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        "{}", "[]", " \t\r\n{ } ", "0", "-0", "-1.5e-7", "1E+9", "10", "true", "false", "null",
        #""""#, #""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00""#, "\"é漢𠮷\u{7F}\u{2028}\u{10FFFF}\"",
        "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", #"{"a":1,"b":{"a":[{"a":null}]}}"#,
    ])
    func jsonIsAccepted(_ body: String) { #expect(fault(bytes(body)) == nil) }

    @Test(arguments: [
        "", " ", "{", "}", "[", "{]", "[}", "[1,]", "[,1]", "[1 2]", "{,}", #"{"a"}"#, #"{"a":}"#,
        #"{"a":1,}"#, "{a:1}", "{'a':1}", #"{1:1}"#, #"{"a" 1}"#, "01", "+1", "1.", ".5", "1e",
        "1e+",
        "-", "--1", "0x10", "NaN", "Infinity", "True", "nul", "nulll", "truefalse", "{}{}", "{} x",
        #"""#, #""a"#, #""\x""#, #""\u12""#, #""\u12G4""#, "\"\u{0}\"", "\"\n\"", "\"\t\"",
        "// a\n1",
        "\u{FEFF}{}", "\u{A0}{}", "1\u{0}",
    ])
    func anythingElseIsMalformed(_ body: String) {
        #expect(fault(bytes(body))?.reason == .malformedJSON)
        #expect(fault(bytes(body))?.path == nil)
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80],
            [0xE0, 0x9F, 0xBF], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80],
            [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88],
            [0xFE], [0xFF],
        ] as [[UInt8]])
    func textThatIsNotUTF8IsMalformed(_ sequence: [UInt8]) {
        #expect(fault(bytes(#"{"ignored":""#) + sequence + bytes(#""}"#))?.reason == .malformedJSON)
        #expect(fault(bytes(#"{""#) + sequence + bytes(#"":1}"#))?.reason == .malformedJSON)
    }

    @Test(arguments: [
        #"\uD800"#, #"\uDBFF"#, #"\uDC00"#, #"\uDFFF"#, #"\uD800\uD800"#, #"\uD800x"#, #"\uD800\n"#,
        #"\uD800\u0041"#, #"\uDC00\uD800"#,
    ])
    func aSurrogateAloneIsMalformed(_ escape: String) {
        #expect(fault(bytes(#"{"ignored":"\#(escape)"}"#))?.reason == .malformedJSON)
    }

    @Test(arguments: [
        #"{"a":1,"a":1}"#, #"{"a":1,"b":2,"c":3,"a":4}"#, #"{"a":1,"\u0061":1}"#,
        #"{"\u0061":1,"a":1}"#, #"{"é":1,"\u00e9":1}"#, #"{"":1,"":1}"#,
        #"[[{"x":{"a":1,"a":1}}]]"#,
        #"{"/":1,"\/":1}"#, #"{"𠮷":{},"\ud842\udfb7":[]}"#,
    ])
    func aNameTwiceInAnObjectIsMalformed(_ body: String) {
        #expect(fault(bytes(body))?.reason == .malformedJSON)
    }

    /// Names are the same scalar by scalar only: "é" composed and decomposed are two.
    @Test(arguments: [
        #"{"a":{"a":1},"b":{"a":1}}"#, #"{"a":1,"A":1}"#, #"{"a":1,"aa":1}"#,
        "{\"\u{E9}\":1,\"e\u{301}\":1}",
    ])
    func otherNamesAreNotTheSame(_ body: String) { #expect(fault(bytes(body)) == nil) }

    @Test(.timeLimit(.minutes(5))) func aLargeObjectIsCheckedForNamesQuickly() {
        let members = (0..<8_000).map { #""\#($0)":1"# }
        #expect(fault(bytes("{\(members.joined(separator: ","))}"), maxBytes: 1 << 20) == nil)
        let twice = (members + [#""17":1"#]).joined(separator: ",")
        #expect(fault(bytes("{\(twice)}"), maxBytes: 1 << 20)?.reason == .malformedJSON)
    }

    @Test(arguments: [
        String(repeating: "[", count: 17), String(repeating: "[", count: 60_000),
        String(repeating: #"{"a":"#, count: 12_000),
        String(repeating: "[", count: 17) + String(repeating: "]", count: 17),
        // Depth is judged before form.
        "nonsense " + String(repeating: "[", count: 17), "}" + String(repeating: "{", count: 17),
        #"{"a":1,"a":"# + String(repeating: "[", count: 16),
        "\u{FEFF}" + String(repeating: "[", count: 17),
        #""\"" "# + String(repeating: "[", count: 17),
    ])
    func nestingDeeperThanSixteenIsTooDeep(_ body: String) {
        #expect(fault(bytes(body))?.reason == .tooDeep)
    }

    @Test func bracketsInTextAreNoDepth() {
        #expect(fault(bytes(#""\"\#(String(repeating: "[", count: 40))""#)) == nil)
        let unfinished = #"""# + String(repeating: "[", count: 40)
        #expect(fault(bytes(unfinished))?.reason == .malformedJSON)
    }

    @Test func aHundredThousandLevelsAreTooLargeOrTooDeepButNeverACrash() {
        let body = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        #expect(fault(body)?.reason == .tooLarge)
        #expect(fault(body, maxBytes: 1 << 20)?.reason == .tooDeep)
    }

    @Test func sizeIsJudgedFirst() {
        let blank = [UInt8](repeating: 0x20, count: 65_534)
        #expect(fault(blank + bytes("{}")) == nil)
        #expect(fault(blank + bytes("{} "))?.reason == .tooLarge)
        #expect(fault([UInt8](repeating: 0xFF, count: 1 << 20))?.reason == .tooLarge)
        Fault(body: String(repeating: "x", count: 65_537), .tooLarge).check(RefundRequest.decode)
        Fault(body: String(repeating: "x", count: 65_537), .tooLarge).check(OrderPaid.decode)
    }

    @Test func aPointerEscapesTildeAndSlash() throws {
        let root = try JSONDocument(bytes(#"{"a/b":[{"m~\u006e":7}]}"#)).root
        let element = try root["a/b"].list { $0 }[0]
        #expect(try element["m~n"].path == "/a~1b/0/m~0n")
        #expect(try element["none~/"].path == "/a~1b/0/none~0~1")
        #expect(root.path == "")
        #expect(try element["m~n"].integer() == 7)
    }

    @Test func escapesAreUndone() throws {
        let escaped = #""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00é""#
        #expect(
            try JSONDocument(bytes(escaped)).root.text()
                == "\"\\/\u{8}\u{C}\n\r\t\u{E9}\u{1F600}\u{E9}")
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let all = String(String.UnicodeScalarView((1...0x2FF).compactMap(Unicode.Scalar.init)))
        for sample in ["", "\"", "\\", "\u{1F}", "漢字 𠮷", all] {
            let root = try JSONDocument(sample.jsonBytes()).root
            #expect(try root.text(0...1_000).utf8.elementsEqual(sample.utf8))
        }
        for number in [Int64(0), 9, 10, 9_007_199_254_740_991] {
            #expect(try JSONDocument(number.jsonBytes()).root.integer() == number)
        }
        #expect(text([true, false].jsonBytes()) == "[true,false]")
        #expect(text([[String]]([[], ["a"], ["b", "c"]]).jsonBytes()) == #"[[],["a"],["b","c"]]"#)
    }
}
