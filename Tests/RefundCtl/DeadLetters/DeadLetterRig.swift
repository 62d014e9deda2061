import AMQP
import DeadLettersSupport
import Foundation
import RefundMessages
import TestSupport

/// The dead-letter service and the orchestrator as processes on a private broker, and `refundctl`
/// as a process beside them.
struct DeadLetterRig {
    let system: DeadLetterSystem
    let orchestrator: ServiceProcess

    struct Answer {
        var status: Int32
        /// Both outputs.
        var text: String

        func lines(with part: String) -> [String] {
            text.split(separator: "\n").map(String.init).filter { $0.contains(part) }
        }

        /// The output as JSON.
        var json: Any? { try? JSONSerialization.jsonObject(with: Data(text.utf8)) }
    }

    static func with(_ body: (DeadLetterRig) async throws -> Void) async throws {
        try await DeadLetterSystem.with { system in
            let secret = try String(
                contentsOfFile: system.broker.directory + "/secrets/orchestrator", encoding: .utf8)
            let port = try FreePort.take()
            let orchestrator = try ServiceProcess(
                "orchestrator",
                environment: [
                    "AMQP_URL": system.broker.url(user: "orchestrator", password: secret),
                    "DATA_DIR": system.broker.directory + "/orchestrator",
                    "HTTP_PORT": "\(port)", "ORDER_WAIT": "1s",
                    "POLICY_FILE": Repository.path("deploy/refund-policy.yaml"),
                ], httpPort: port)
            try await orchestrator.waitUntilReady()
            do {
                try await body(DeadLetterRig(system: system, orchestrator: orchestrator))
                try await orchestrator.kill()
            } catch {
                try? await orchestrator.kill()
                throw error
            }
        }
    }

    private func environment(_ editor: String?) throws -> [String: String] {
        var environment = [
            "REFUND_DEAD_LETTERS_URL": "http://127.0.0.1:\(try system.process.httpPort ?? 0)",
            "REFUND_API_URL": "http://127.0.0.1:\(orchestrator.httpPort ?? 0)",
            "TMPDIR": system.broker.directory, "TERM": "xterm",
        ]
        environment["EDITOR"] = editor
        return environment
    }

    /// `refundctl dead-letters …` without a terminal.
    func run(_ arguments: String..., editor: String? = nil) async throws -> Answer {
        try await run(arguments, editor: editor)
    }

    func run(_ arguments: [String], editor: String? = nil) async throws -> Answer {
        let process = try ServiceProcess(
            "refundctl", arguments: ["dead-letters"] + arguments,
            environment: try environment(editor))
        let status = try await process.waitForEnd(within: 240)
        return Answer(status: status, text: process.output)
    }

    /// The same at a terminal (of script(1)), where somebody types `input`.
    func runAtTerminal(
        _ arguments: String, input: String = "", editor: String? = nil
    ) async throws -> Answer {
        var environment = try environment(editor)
        let program = try ServiceProcess.path(of: "refundctl")
        environment["LINE"] = "'\(program)' dead-letters \(arguments)"
        environment["INPUT"] = input
        let process = try ServiceProcess(
            executable: "/bin/sh", name: "terminal",
            arguments: ["-c", #"printf "$INPUT" | script -qec "$LINE" /dev/null"#],
            environment: environment)
        let status = try await process.waitForEnd(within: 240)
        return Answer(status: status, text: process.output)
    }

    func publish(_ body: String, id: String) async throws {
        var properties = MessageProperties()
        properties.messageID = id
        properties.deliveryMode = 2
        try await system.publish([
            OutgoingMessage(
                exchange: "refund.requests", routingKey: "request", properties: properties,
                body: Array(body.utf8))
        ])
    }

    /// The drafts that were kept.
    func drafts() throws -> [String] {
        let folders = try FileManager.default.contentsOfDirectory(atPath: system.broker.directory)
        return folders.filter { $0.hasPrefix("refundctl-") }
            .map { "\(system.broker.directory)/\($0)" }
    }
}
