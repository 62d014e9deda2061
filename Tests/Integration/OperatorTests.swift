import Foundation
import GRDB
import RefundMessages
import TestSupport
import Testing

extension IntegrationTests {
    /// Operators at work: `refundctl` as they type it, against the real orchestrator.
    @Suite struct OperatorTests {
        @Test(
            "Exceptions are worked off, the ledger is looked at and proved",
            .timeLimit(.minutes(10))
        )
        func exceptionsAndLedger() async throws {
            try await RefundSystem.with([.repository]) { system in
                let office = try await Office(system)
                try await system.dispute("r-1", 1_000)
                try await system.dispute("r-2", 400)
                try await lookAtThem(office)
                try await creditOne(office, system)
                try await closeAnotherByTwo(office, system)
                try await lookAtTheLedger(office, system)
                try await refuseWhoMayNot(office)
                try await askAsDescribed(office)
            }
        }

        private func lookAtThem(_ office: Office) async throws {
            let list = try await office.run("kim", "exceptions", "list")
            #expect(list.status == 0)
            #expect(list.output.contains("REFUND   REASON       AMOUNT  ORDER  PROVIDER  SINCE"))
            #expect(list.output.contains("r-1/p-1  disputed  10.00 USD  o-r-1  sandbox"))
            #expect(list.output.contains("r-2/p-1  disputed   4.00 USD  o-r-2  sandbox"))
            let show = try await office.run("kim", "exceptions", "show", "r-2")
            #expect(show.output.contains("The customer disputes the payment with the bank"))
            #expect(show.output.contains("booked: refunds → payable"))
            #expect(show.output.contains("retry   The provider is asked what became"))
            #expect(show.output.contains("close   Nothing is paid"))
            let large = try await office.run("kim", "exceptions", "show", "r-1/p-1", "--lang", "ja")
            #expect(large.output.contains("銀行に異議を申し立て"))
            #expect(large.output.contains("担当者 2 名の承認が必要です。"))
            let json = try await office.run("kim", "exceptions", "list", "--json")
            let root = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
            #expect(((root as? [String: Any])?["exceptions"] as? [Any])?.count == 2)
            let gauge = #"refund_exceptions_open{reason="disputed"} 2"#
            #expect(try await office.metrics(have: gauge))
            #expect(
                try await office.metrics(have: "# HELP refund_exceptions_oldest_seconds Age of"))
        }

        private func creditOne(_ office: Office, _ system: RefundSystem) async throws {
            let noNote = try await office.run("kim", "exceptions", "credit", "r-2")
            #expect(noNote.status == 2)
            let credit = try await office.run(
                "kim", "exceptions", "credit", "r-2", "--note", "bank confirmed",
                "--idempotency-key", "c-1")
            #expect(credit.status == 0, "\(credit.output)")
            #expect(credit.output.hasPrefix("r-2/p-1: credit is done; it is now "))
            let again = try await office.run(
                "kim", "exceptions", "credit", "r-2/p-1", "--note", "bank confirmed",
                "--idempotency-key", "c-1")
            #expect(again.status == 0)
            let outcome = try await system.outcome(of: "r-2")
            #expect(outcome.status == .refunded)
            #expect(outcome.revision == 2)
            #expect(outcome.refund?.legs.map(\.route) == [.balance])
            let balance = try await office.run("lee", "balance", "a-r-2")
            #expect(balance.output.contains("USD       4.00 USD"))
        }

        private func closeAnotherByTwo(_ office: Office, _ system: RefundSystem) async throws {
            let note = ["--note", "customer withdrew"]
            let first = try await office.run("kim", ["exceptions", "close", "r-1"] + note)
            #expect(first.status == 0)
            #expect(
                first.output.contains(
                    "r-1/p-1: 10.00 USD needs a second person; close is proposed"))
            let list = try await office.run("lee", "exceptions")
            #expect(list.output.contains("close by kim"))
            let same = try await office.run("kim", ["exceptions", "close", "r-1"] + note)
            #expect(same.status == 1)
            #expect(same.output.contains("you have proposed it yourself"))
            let other = try await office.run(
                "kim", ["exceptions", "close", "r-1", "--operator", "lee"] + note)
            #expect(other.status == 1)
            #expect(other.output.contains("the token is not of whom Refund-Operator names"))
            let second = try await office.run("lee", ["exceptions", "close", "r-1"] + note)
            #expect(second.status == 0, "\(second.output)")
            let outcome = try await system.outcome(of: "r-1")
            #expect(outcome.status == .denied)
            #expect(outcome.lines.map(\.verdict.code) == [.settlementClosed])
            let none = try await office.run("kim", "exceptions", "list")
            #expect(none.output == "Nothing is in exception\n")
            let audit = try await office.run("kim", "exceptions", "audit")
            #expect(audit.output.matches(of: /close +(done|proposed) +(kim|lee)/).count == 2)
        }

        private func lookAtTheLedger(_ office: Office, _ system: RefundSystem) async throws {
            let show = try await office.run("kim", "ledger", "show", "--request", "r-1")
            #expect(show.output.contains("r-1/p-1  released    payable  refunds  10.00 USD"))
            let verify = try await office.run("kim", "ledger", "verify")
            #expect(verify.status == 0, "\(verify.output)")
            #expect(verify.output.contains("Everything agrees"))
            #expect(verify.output.contains("Balances 4.00 USD, payable 0.00 USD"))
            var configuration = Configuration()
            configuration.busyMode = .timeout(30)
            let path = system.database(.orchestrator)
            try await DatabaseQueue(path: path, configuration: configuration).write { database in
                try database.execute(sql: "DROP TRIGGER ledger_no_update")
                try database.execute(
                    sql: "UPDATE ledger SET amount = 500 WHERE transition = 'credited'")
            }
            let damaged = try await office.run("kim", "ledger", "verify")
            #expect(damaged.status == 1)
            #expect(
                damaged.output.contains(
                    "leg r-2/p-1: the posting credited 0 moves 500 USD from payable to "
                        + "customer:a-r-2; it must move 400 USD from payable to customer:a-r-2 "
                        + "(posting_differs)"))
        }

        private func refuseWhoMayNot(_ office: Office) async throws {
            let reader = try await office.run(
                "rita", "exceptions", "close", "r-1/p-1", "--note", "n")
            #expect(reader.status == 1)
            #expect(
                reader.output.contains("the token's role is reader, and this needs an operator"))
            #expect(try await office.run("rita", "exceptions").status == 0)
            let nobody = try await office.run(nil, "exceptions", "list")
            #expect(nobody.status == 1)
            #expect(nobody.output.contains("a valid bearer token is needed"))
        }

        /// Schemathesis finds nothing that the API's description does not say. Hummingbird answers 404
        /// where a method is not known.
        private func askAsDescribed(_ office: Office) async throws {
            let python = try await PythonEnvironment.python(
                "schemathesis", requirements: "Tests/DeadLettersSupport/requirements.txt")
            let ending = try await Command.run(
                python,
                [
                    "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run",
                    Repository.path("Services/Orchestrator/API/openapi.yaml"), "--url", office.url,
                    "-H", "Authorization: Bearer kim-token",
                    "--phases", "examples,coverage,fuzzing", "-n", "20", "--seed", "7",
                    "--exclude-checks", "unsupported_method", "--generation-database", "none",
                    // On a busy machine its data take long to make, and answers to come.
                    "--no-color", "--suppress-health-check", "too_slow", "--request-timeout", "120",
                ])
            #expect(ending.status == 0, "\(ending.output.suffix(6_000))")
            #expect(ending.output.contains("Tested: 15"))
        }
    }
}

/// Two operators and a reader with a token each, and the orchestrator that knows them. Amounts above
/// 500 need two.
private struct Office {
    private let directory: String
    private let orchestrator: ServiceProcess

    init(_ system: RefundSystem) async throws {
        directory = system.directory
        var lines: [String] = []
        for (name, role, hash) in Self.people {
            try "\(name)-token".write(
                toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
            lines.append("\(name) \(role) \(hash)")
        }
        let tokens = directory + "/tokens"
        try lines.joined(separator: "\n").write(toFile: tokens, atomically: true, encoding: .utf8)
        orchestrator = try system.launch(
            .orchestrator,
            settings: ["API_TOKEN_FILE": tokens, "EXCEPTIONS_SECOND_PERSON_ABOVE": "500"])
        try await orchestrator.waitUntilReady()
    }

    /// The hashes of "kim-token", "lee-token" and "rita-token", by coreutils' sha256sum.
    private static let people = [
        ("kim", "operator", "1c5ce0770bd0aa9bd86ccc89bd1548caa7db54b83fab1faa4072c93087a7d99f"),
        ("lee", "operator", "1109bf91654a86fdca9d0f37a9e4d9b5303dbaf32750444cf28d265bbeb621e7"),
        ("rita", "reader", "d7b426ec51712b3284ee4bb20cb8ef761e71d8f1d7d8433a271165f4120e9507"),
    ]

    func run(_ person: String?, _ arguments: String...) async throws -> (
        status: Int32, output: String
    ) {
        try await run(person, arguments)
    }

    /// `refundctl` with that person's token; what it printed on both outputs, and how it ended.
    func run(_ person: String?, _ arguments: [String]) async throws -> (
        status: Int32, output: String
    ) {
        var environment = ["REFUND_API_URL": url]
        if let person { environment["REFUND_API_TOKEN_FILE"] = "\(directory)/\(person)" }
        let process = try ServiceProcess(
            "refundctl", arguments: arguments, environment: environment)
        let status = try await process.waitForEnd(within: 120)
        return (status, process.output)
    }

    var url: String { "http://127.0.0.1:\(orchestrator.httpPort ?? 0)" }

    func metrics(have line: String) async throws -> Bool {
        try await eventually {
            try await orchestrator.get("/metrics").body.contains(line)
        }
    }
}

extension RefundSystem {
    /// A refund of that many cents that ends in exception.
    fileprivate func dispute(_ id: String, _ cash: Int64) async throws {
        var builder = ScenarioBuilder(id)
        builder.line(.repository, cash: cash, .unused(.repository))
        builder.payment("card_disputed", cash)
        let scenario = builder.ending(.settlementException)
        try await publish(scenario.facts + [.request(scenario.request)])
        try await outcome(of: id) { $0.status == .settlementException }
    }
}
