import Logging
import Synchronization
import Telemetry
import Testing

/// Collects lines instead of printing them.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var output: LogOutput {
        LogOutput { [self] bytes in
            lines.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
        }
    }
    var all: [String] { lines.withLock { $0 } }

    func logger(_ format: LogFormat, level: Logger.Level = .info) -> Logger {
        Logger(label: "test") { _ in
            ServiceLogHandler(service: "gateway", format: format, level: level, output: output)
        }
    }

    /// The only line, without its time, which differs from run to run.
    func withoutTime(_ start: String, _ end: String) throws -> String {
        #expect(all.count == 1)
        let line = try #require(all.first)
        #expect(line.hasPrefix(start))
        let rest = try #require(line.dropFirst(start.count).range(of: end))
        return String(line[rest.lowerBound...])
    }
}

extension Substring {
    fileprivate func range(of text: String) -> Range<Index>? {
        indices.first { self[$0...].hasPrefix(text) }
            .map { $0..<index($0, offsetBy: text.count) }
    }
}

@Suite("Log lines") struct LogHandlerTests {
    @Test(
        "JSON keeps its form whatever is logged",
        arguments: [
            ("plain", [:], #""message":"plain"}"#),
            (
                "quote \" slash \\ line\nfeed \u{0} \u{1b}[31m", [:],
                #""message":"quote \" slash \\ line\nfeed \u0000 \u001b[31m"}"#
            ),
            ("日本語 é 👍", [:], #""message":"日本語 é 👍"}"#),
            ("c1 \u{9b}31m \u{2028}", [:], #""message":"c1 \u009b31m \u2028"}"#),
            ("fields", ["b": "2", "a": "1"], #""message":"fields","a":"1","b":"2"}"#),
            (
                "own names", ["level": "x", "time": "y"],
                #""message":"own names","meta.level":"x","meta.time":"y"}"#
            ),
            (
                "nested", ["a": ["b": ["c": "1"]], "l": ["x", "y"]],
                #""message":"nested","a.b.c":"1","l":"[\"x\", \"y\"]"}"#
            ),
            (
                "same key twice", ["a.b": "1", "a": ["b": "1"]],
                #""message":"same key twice","a.b":"1"}"#
            ),
            ("bad\"key", ["a\"\n": "1"], #""message":"bad\"key","a\"\n":"1"}"#),
        ] as [(String, Logger.Metadata, String)])
    func json(_ message: String, _ metadata: Logger.Metadata, _ expected: String) throws {
        let lines = Lines()
        lines.logger(.json).info("\(message)", metadata: metadata)
        let rest = try lines.withoutTime(#"{"time":""#, #"","level""#)
        #expect(rest == #"","level":"info","service":"gateway","# + expected + "\n")
    }

    @Test(
        "Text shows levels, quotes what needs it and cannot steer the terminal",
        arguments: [
            (false, "plain", [:], " warning  gateway plain\n"),
            (
                false, "x", ["a": "1", "b": "two words"],
                " warning  gateway x a=1 b=\"two words\"\n"
            ),
            (false, "\u{1b}]0;evil\u{7}", [:], " warning  gateway \\u001b]0;evil\\u0007\n"),
            (false, "x", ["empty": ""], " warning  gateway x empty=\"\"\n"),
            (
                true, "x", ["a": "1"],
                " \u{1b}[33mwarning \u{1b}[0m gateway x \u{1b}[2ma=\u{1b}[0m1\n"
            ),
        ] as [(Bool, String, Logger.Metadata, String)])
    func text(
        _ colour: Bool, _ message: String, _ metadata: Logger.Metadata, _ expected: String
    ) throws {
        let lines = Lines()
        lines.logger(.text(colour: colour)).warning("\(message)", metadata: metadata)
        let line = try #require(lines.all.first)
        #expect(line.hasSuffix(expected))
    }

    @Test("Metadata of the logger, of its provider and of the line are merged, the nearest wins")
    func metadata() throws {
        let lines = Lines()
        var logger = Logger(label: "test") { _ in
            var handler = ServiceLogHandler(
                service: "gateway", format: .json, output: lines.output)
            handler.metadataProvider = .init { ["b": "provider", "c": "provider"] }
            return handler
        }
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "b"] = "logger"
        logger.info("m", metadata: ["c": "line"])
        let rest = try lines.withoutTime(#"{"time":""#, #""message""#)
        #expect(rest == #""message":"m","a":"logger","b":"provider","c":"line"}"# + "\n")
    }

    @Test("Levels below the handler's are not written")
    func level() {
        let lines = Lines()
        let logger = lines.logger(.json, level: .warning)
        logger.info("no")
        logger.warning("yes")
        #expect(lines.all.count == 1)
    }

    @Test("A long message and a long value are cut between characters")
    func bounds() throws {
        let lines = Lines()
        lines.logger(.json).info(
            "\(String(repeating: "é", count: 100_000))",
            metadata: ["v": "\(String(repeating: "日", count: 100_000))"])
        let line = try #require(lines.all.first)
        #expect(line.utf8.count < 8 * 1024 + 2 * 1024 + 200)
        #expect(line.contains("é…") && line.contains("日…"))
        #expect(!line.contains("\u{fffd}"))
    }
}
