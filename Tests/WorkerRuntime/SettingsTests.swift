import Glibc
import Testing

@testable import WorkerRuntime

private let service = ServiceDescription(
    name: "gateway", defaultPort: 8083,
    settings: [
        Setting("facts.wait", default: "60s", "How long to wait."),
        Setting("api.tokenFile", "File with the token."), Setting("dry", default: "false", "Dry."),
    ])

private func settings(
    flags: [String: String] = [:], environment: [String: String] = [:]
) async throws -> Settings {
    try await Settings(service, flags: flags, environment: environment)
}

/// A file that goes with the test.
private final class TemporaryFile: Sendable {
    let path: String

    init(_ contents: [UInt8]) throws {
        var template = Array("/tmp/refund-settings-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let written = contents.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        try #require(written == contents.count)
    }

    convenience init(_ text: String) throws { try self.init(Array(text.utf8)) }

    deinit { unlink(path) }
}

@Suite("Settings") struct SettingsTests {
    @Test("Without anything set the defaults speak")
    func defaults() async throws {
        let settings = try await settings()
        #expect(try settings.string("http.host") == "127.0.0.1")
        #expect(try settings.int("http.port", in: 0...65_535) == 8083)
        #expect(try !settings.isSet("http.port"))
        #expect(try settings.optional("log.format") == nil)
        #expect(throws: ConfigurationFault.self) { try settings.string("log.format") }
    }

    @Test(
        "A flag goes before the environment, that before the file; the service's own first in each")
    func precedence() async throws {
        let file = try TemporaryFile(
            """
            http: {host: file-common, port: 1}
            gateway: {http: {host: file-own}}
            log: {level: debug}
            """)
        let onlyFile = try await settings(environment: ["CONFIG": file.path])
        #expect(try onlyFile.string("http.host") == "file-own")
        #expect(try onlyFile.int("http.port", in: 0...9) == 1)
        #expect(try onlyFile.string("log.level") == "debug")

        var environment = ["CONFIG": file.path, "HTTP_HOST": "env-common", "HTTP_PORT": ""]
        let common = try await settings(environment: environment)
        #expect(try common.string("http.host") == "env-common")
        #expect(try common.int("http.port", in: 0...9) == 1, "an empty variable is none")

        environment["GATEWAY_HTTP_HOST"] = "env-own"
        #expect(try await settings(environment: environment).string("http.host") == "env-own")
        environment["PCA_HTTP_HOST"] = "another's"
        let flags = ["http.host": "a,b"]
        let all = try await settings(flags: flags, environment: environment)
        #expect(try all.string("http.host") == "a,b")
    }

    @Test(
        "A wrong value is one sentence that names the setting, its origin and what to do",
        arguments: [
            ("http.port", "HTTP_PORT", "70000", "is \"70000\", not a whole number from 0 to 65535"),
            ("http.port", "GATEWAY_HTTP_PORT", "x", "is \"x\", not a whole number"),
            ("facts.wait", "FACTS_WAIT", "5", "not a duration such as"),
            ("facts.wait", "FACTS_WAIT", "2h", "is \"2h\", not from 1s to 1h"),
            ("dry", "DRY", "maybe", "neither true nor false"),
        ])
    func wrong(_ key: String, _ variable: String, _ value: String, _ sentence: String) async throws
    {
        let settings = try await settings(environment: [variable: value])
        let fault = #expect(throws: ConfigurationFault.self) {
            switch key {
            case "http.port": _ = try settings.int(key, in: 0...65_535)
            case "dry": _ = try settings.bool(key)
            default: _ = try settings.duration(key, in: .seconds(1)...(.seconds(3_600)))
            }
        }
        let text = try #require(fault).description
        #expect(text.contains("The setting \(key) (from \(variable))"))
        #expect(text.contains(sentence))
        #expect(text.contains("Set --"))
    }

    @Test(
        "Durations and flags read as operators write them",
        arguments: [
            ("250ms", .milliseconds(250)), ("10s", .seconds(10)), ("2m", .seconds(120)),
            ("1h", .seconds(3_600)), ("1d", .seconds(86_400)), ("0s", .zero), ("10", nil),
            ("s", nil), ("-1s", nil), ("1.5s", nil), ("1 s", nil), ("99999999999999999999s", nil),
            ("9223372036854775807d", nil), ("", nil),
        ] as [(String, Duration?)])
    func durations(_ text: String, _ expected: Duration?) {
        #expect(DurationText.parse(text) == expected)
    }

    @Test("A secret is the file's content without its line end; what is no secret is refused")
    func secrets() async throws {
        #expect(try await settings().secret(file: "api.tokenFile") == nil)
        let good = try TemporaryFile("s3cret\r\n")
        let found = try await settings(environment: ["API_TOKEN_FILE": good.path])
        #expect(try found.secret(file: "api.tokenFile") == "s3cret")
        for (contents, word) in [
            (Array("\n".utf8), "empty"), ([0xff], "UTF-8"),
            ([UInt8](repeating: 0x61, count: 65 * 1024), "larger"),
        ] {
            let file = try TemporaryFile(contents)
            let bad = try await settings(environment: ["API_TOKEN_FILE": file.path])
            let fault = #expect(throws: ConfigurationFault.self) {
                try bad.secret(file: "api.tokenFile")
            }
            #expect(fault?.description.contains(word) == true)
        }
        let missing = try await settings(environment: ["API_TOKEN_FILE": "/nowhere/at-all"])
        #expect(throws: ConfigurationFault.self) { try missing.secret(file: "api.tokenFile") }
    }

    @Test(
        "A configuration file that is missing or no mapping is a fault that names it",
        arguments: ["[1, 2]", "a: [", "just text"])
    func badFile(_ contents: String) async throws {
        let file = try TemporaryFile(contents)
        let path = file.path
        let fault = await #expect(throws: ConfigurationFault.self) {
            _ = try await settings(environment: ["CONFIG": path])
        }
        #expect(fault?.description.contains(path) == true)
        await #expect(throws: ConfigurationFault.self) {
            _ = try await settings(flags: ["config": "/nowhere/at-all.yaml"])
        }
    }

    @Test("The data directory is made with its parents, or refused by name")
    func dataDirectory() throws {
        let base = "/tmp/refund-data-\(getpid())"
        defer { for path in ["\(base)/a/b", "\(base)/a", base] { rmdir(path) } }
        try DataDirectory.prepare("\(base)/a/b")
        try DataDirectory.prepare("\(base)/a/b/")
        for path in ["/proc/refund", "/dev/null", "/etc/hostname/x"] {
            let fault = #expect(throws: ConfigurationFault.self) { try DataDirectory.prepare(path) }
            #expect(fault?.description.contains(path) == true)
        }
    }
}

@Suite("Command line") struct CommandLineFlagsTests {
    @Test(
        "Flags are read by the settings' names",
        arguments: [
            ([], [:]), (["--http-port", "1"], ["http.port": "1"]),
            (
                ["--http-port=1", "--api-token-file=a=b"],
                ["http.port": "1", "api.tokenFile": "a=b"]
            ),
            (["--amqp-url", "amqp://a,amqp://b"], ["amqp.url": "amqp://a,amqp://b"]),
            (["--dry="], ["dry": ""]),
        ] as [([String], [String: String])])
    func reads(_ arguments: [String], _ values: [String: String]) throws {
        let flags = try CommandLineFlags(arguments, settings: service.settings)
        #expect(flags.values == values)
    }

    @Test(
        "What is no flag of the service is refused",
        arguments: [
            (["--bogus", "1"], "unknown flag --bogus"), (["run"], "unexpected argument \"run\""),
            (["--http-port"], "--http-port needs a value"),
            (["--dry", "1", "--dry=2"], "--dry is given twice"),
            (["-v"], "unexpected argument \"-v\""),
        ])
    func refuses(_ arguments: [String], _ sentence: String) {
        let fault = #expect(throws: UsageFault.self) {
            try CommandLineFlags(arguments, settings: service.settings)
        }
        #expect(fault?.description == sentence)
    }

    @Test("Help lists every setting with flag, variable, default and meaning")
    func help() throws {
        let text = HelpText.of(service)
        for setting in service.settings {
            #expect(text.contains("\(setting.flag), \(setting.variable)"))
            #expect(text.contains(setting.meaning))
        }
        #expect(text.contains("--api-token-file, API_TOKEN_FILE\n"))
        #expect(text.contains("--http-port, HTTP_PORT  (default 8083)"))
        #expect(try CommandLineFlags(["-h"], settings: service.settings).asksForHelp)
        #expect(try CommandLineFlags(["--version"], settings: service.settings).asksForVersion)
    }
}
