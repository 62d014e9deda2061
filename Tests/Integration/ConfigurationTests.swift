import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// A wrong configuration is told in one sentence, and not started with.
    @Suite struct ConfigurationTests {
        struct Case: Sendable, CustomTestStringConvertible {
            var service = "gateway"
            var arguments: [String] = []
            var environment: [String: String] = [:]
            /// EX_CONFIG, or EX_USAGE, of <sysexits.h>.
            var status: Int32 = 78
            /// What the sentence must name.
            var names: String

            var testDescription: String {
                "\(service) \(arguments.joined(separator: " ")) \(environment)"
            }
        }

        private static let cases = [
            Case(environment: ["AMQP_URL": "http://localhost/"], names: "AMQP_URL"),
            Case(environment: ["AMQP_URL_FILE": "/nowhere"], names: "/nowhere"),
            Case(environment: ["DATA_DIR": "/proc/nowhere"], names: "/proc/nowhere"),
            Case(environment: ["LOG_LEVEL": "loud"], names: "LOG_LEVEL"),
            Case(environment: ["LOG_FORMAT": "xml"], names: "LOG_FORMAT"),
            Case(environment: ["HTTP_PORT": "70000"], names: "HTTP_PORT"),
            Case(environment: ["FACTS_WAIT": "soon"], names: "FACTS_WAIT"),
            Case(environment: ["GATEWAY_FACTS_WAIT": "2 moons"], names: "GATEWAY_FACTS_WAIT"),
            Case(environment: ["DATABASE_URL": "mysql://host/base"], names: "mysql"),
            Case(arguments: ["--drain-time", "never"], names: "--drain-time"),
            Case(arguments: ["--config", "/nowhere.yaml"], names: "/nowhere.yaml"),
            Case(
                service: "orchestrator", environment: ["POLICY_FILE": "/nowhere.yaml"],
                names: "/nowhere.yaml"),
            Case(
                service: "orchestrator", environment: ["API_TOKEN_FILE": "/nowhere"],
                names: "/nowhere"),
            Case(
                service: "orchestrator", environment: ["ORDER_WAIT": "-1s"], names: "ORDER_WAIT"),
            Case(service: "payment-webhook", names: "STRIPE_WEBHOOK_SECRET_FILE"),
            // A file that is there, and holds no signing secret.
            Case(
                service: "payment-webhook",
                environment: ["STRIPE_WEBHOOK_SECRET_FILE": Repository.path("Package.swift")],
                names: "whsec_"),
            Case(arguments: ["--colour", "red"], status: 64, names: "--colour"),
            Case(arguments: ["now"], status: 64, names: "now"),
        ]

        @Test(
            "A wrong setting ends the service with one sentence", .timeLimit(.minutes(10)),
            arguments: cases)
        func aWrongSettingIsRefused(_ wrong: Case) async throws {
            let output = try await outputOfFailing(wrong)
            #expect(output.contains(wrong.names))
        }

        @Test("A fault of the policy is reported with its line", .timeLimit(.minutes(10)))
        func aPolicyFaultHasItsLine() async throws {
            let file = Self.scratch("policy.yaml")
            defer { try? FileManager.default.removeItem(atPath: file) }
            try """
            version: "1"
            zone: Asia/Shanghai
            windowDays: many
            promotions: {}
            """.write(toFile: file, atomically: true, encoding: .utf8)
            let output = try await outputOfFailing(
                Case(service: "orchestrator", environment: ["POLICY_FILE": file], names: file))
            #expect(output.contains("\(file):3:"))
        }

        private func outputOfFailing(_ wrong: Case) async throws -> String {
            let data = Self.scratch("data")
            defer { try? FileManager.default.removeItem(atPath: data) }
            let environment = [
                "AMQP_URL": "amqp://127.0.0.1:1/", "DATA_DIR": data, "HTTP_PORT": "0",
                "POLICY_FILE": Repository.path("deploy/refund-policy.yaml"),
            ].merging(wrong.environment) { $1 }
            let isOverFile = wrong.environment["AMQP_URL_FILE"] != nil
            let process = try ServiceProcess(
                wrong.service, arguments: wrong.arguments,
                environment: environment.filter { !isOverFile || $0.key != "AMQP_URL" })
            #expect(try await process.waitForEnd(within: 240) == wrong.status)
            let output = process.output
            #expect(output.split(separator: "\n").count == 1, "\(output)")
            #expect(output.hasPrefix("\(wrong.service): "))
            return output
        }

        private static func scratch(_ name: String) -> String {
            FileManager.default.temporaryDirectory.appending(path: "refund-\(UUID())-\(name)").path
        }
    }
}
