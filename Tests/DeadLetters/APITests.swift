import AMQP
import DeadLettersSupport
import Foundation
import TestSupport
import Testing

/// The API, from its description and with its roles.
@Suite(.timeLimit(.minutes(10))) struct APITests {
    private func withTokens(_ body: (DeadLetterSystem) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "tokens-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        var lines = ""
        for (name, role) in [("kim", "operator"), ("rob", "reader")] {
            let hash = try await Command.run(
                "/bin/sh", ["-c", "printf %s \(name)-token | sha256sum | cut -c1-64"])
            lines += "\(name) \(role) \(hash.output)"
        }
        try lines.write(toFile: file, atomically: true, encoding: .utf8)
        try await DeadLetterSystem.with(settings: ["API_TOKEN_FILE": file]) { system in
            system.defaultToken.withLock { $0 = "kim-token" }
            try await body(system)
        }
    }

    @Test("Readers look, operators change, and others are not answered")
    func roles() async throws {
        try await withTokens { system in
            let job = #"{"key":"k","action":"replay","select":{"filter":{}}}"#
            let asks: [(String, String, Int)] = [
                ("", "GET", 401), ("wrong", "GET", 401), ("rob-token", "GET", 200),
                ("kim-token", "GET", 200), ("", "POST", 401), ("rob-token", "POST", 403),
                ("kim-token", "POST", 201),
            ]
            for (token, method, status) in asks {
                let answer = try await system.call(
                    method, "/v1/jobs", body: method == "POST" ? job : nil, token: token,
                    operator: nil)
                #expect(answer.status == status, "\(method) by \(token)")
                #expect(answer.type?.hasPrefix("application/json") == true)
            }
            let audit = try await system.call(
                "GET", "/v1/audit/export", token: "rob-token", operator: nil)
            #expect(audit.type == "application/x-ndjson")
            let lines = String(decoding: audit.body, as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 1 && lines[0].contains(#""by":"kim","isNameProven":true"#))
        }
    }

    /// What a schema cannot say (that a discard needs a note) makes some valid data refused, and
    /// Hummingbird answers 404 where a method is not known.
    private static let left = "positive_data_acceptance,unsupported_method"

    @Test("Schemathesis finds nothing that the API's description does not say")
    func description() async throws {
        let python = try await PythonEnvironment.python(
            "schemathesis", requirements: "Tests/DeadLettersSupport/requirements.txt")
        try await withTokens { system in
            try await system.publish(
                (0..<20).map {
                    DeadLetterSamples.fromService(
                        $0 % 2 == 0 ? DeadLetterSamples.request("r-\($0)") : "{\u{0}",
                        id: "m-\($0)", path: "/a/\($0)")
                })
            #expect(try await eventually { try await system.total() == 20 })
            let job = #"{"key":"k","action":"discard","note":"n","select":{"ids":["1"]}}"#
            _ = try await system.call("POST", "/v1/jobs", body: job)
            let port = try #require(try system.process.httpPort)
            let ending = try await Command.run(
                python,
                [
                    "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run",
                    Repository.path("Services/DeadLetters/API/openapi.yaml"), "--url",
                    "http://127.0.0.1:\(port)", "-H", "Authorization: Bearer kim-token",
                    "--phases", "examples,coverage,fuzzing", "-n", "20", "--seed", "7",
                    "--exclude-checks", Self.left, "--generation-database", "none", "--no-color",
                    // On a busy machine its data take long to make, and answers to come.
                    "--suppress-health-check", "too_slow", "--request-timeout", "120",
                ])
            #expect(ending.status == 0, "\(ending.output.suffix(6_000))")
            #expect(try system.process.isRunning)
        }
    }
}
