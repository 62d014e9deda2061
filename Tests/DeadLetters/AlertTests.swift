import AMQP
import ContractSupport
import DeadLettersSupport
import Foundation
import TestSupport
import Testing

@testable import DeadLetters

/// What tells people that something is wrong.
@Suite(.timeLimit(.minutes(10))) struct AlertTests {
    /// Answers 500 to the first POST and 204 to the others; appends every body to a file.
    private static let server = """
        import http.server, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            seen = 0
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get('content-length') or 0))
                open(sys.argv[2], 'ab').write(body + b'\\n')
                Handler.seen += 1
                self.send_response(500 if Handler.seen == 1 else 204)
                self.end_headers()
            def log_message(self, *arguments): pass
        http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
        """

    @Test(
        "A new kind is told by event and webhook until it is taken, and the metrics count what is open"
    )
    func newKind() async throws {
        let port = try FreePort.take()
        let file = FileManager.default.temporaryDirectory.appending(path: "hook-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let hook = try ServiceProcess(
            executable: "/usr/bin/env", name: "webhook",
            arguments: ["python3", "-c", Self.server, "\(port)", file], environment: [:])
        defer { kill(hook.pid, SIGKILL) }
        let settings = ["WEBHOOK_URL": "http://127.0.0.1:\(port)/hook"]
        try await DeadLetterSystem.with(settings: settings) { system in
            let events = system.client.consumer(
                temporaryBoundTo: [
                    Binding(exchange: "refund.dead-letters.events", routingKey: "#")
                ], prefetch: 10, maxBatch: 10)
            #expect(await eventually { events.isConsuming })
            try await system.publish(
                (0..<3).map { DeadLetterSamples.fromService("{\($0)", id: "m-\($0)", path: "/a") })

            let event = try #require(
                await events.makeAsyncIterator().next()?.deliveries.first)
            #expect(event.properties.type == "refund.dead-letter-group.v1")
            #expect(
                try ContractSchemas().faults(
                    in: event.body, type: "refund.dead-letter-group.v1") == [])
            let told = { () -> [Data] in
                (FileManager.default.contents(atPath: file) ?? Data())
                    .split(separator: UInt8(ascii: "\n")).map { Data($0) }
            }
            // Refused once, then taken; an answer that comes too late is asked for again.
            #expect(await eventually { told().count >= 2 })
            #expect(told().allSatisfy { $0 == Data(event.body) })
            #expect(try await eventually { try await alertsDue(system) == 0 })
            let body = try #require(
                try JSONSerialization.jsonObject(with: Data(event.body)) as? [String: Any])
            #expect(body["reason"] as? String == "invalid_message")
            #expect(body["exampleId"] as? String == "1")

            let open = #"dead_letters_open{queue="refund.requests",reason="invalid_message"} 3"#
            #expect(
                try await eventually {
                    try await system.process.get("/metrics").body.contains(open)
                })
            let metrics = try await system.process.get("/metrics").body
            #expect(metrics.contains("dead_letters_oldest_open_seconds"))
            #expect(metrics.contains("dead_letters_stored_total"))
            await events.cancel()
        }
    }

    /// What is still to be told, by the service's own database.
    private func alertsDue(_ system: DeadLetterSystem) async throws -> Int {
        let program = """
            import sqlite3, sys
            database = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True, timeout=30)
            print(database.execute('SELECT COUNT(*) FROM alerts').fetchone()[0])
            """
        let ending = try await Command.run(
            "/usr/bin/env",
            ["python3", "-c", program, system.directory + "/dead-letters.sqlite"])
        guard let count = Int(ending.output.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw SupportFailure(ending.output)
        }
        return count
    }
}
