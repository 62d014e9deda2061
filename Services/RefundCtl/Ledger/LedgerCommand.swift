import ArgumentParser
import RefundMessages

/// `ledger payable|show|verify`.
struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Look at the ledger, and prove that it is right.",
        subcommands: [Payable.self, Show.self, Verify.self], defaultSubcommand: Payable.self)

    struct Payable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what is decided and not yet paid, by currency.",
            discussion: """
                What is payable belongs to refunds under way or in exception; with none open it \
                is 0.
                """)

        @OptionGroup var options: GlobalOptions

        func run() async throws {
            let console = options.console
            guard let (bytes, root) = try await options.api().json(["ledger", "check"]) else {
                throw CommandFailure(.refused, "the API has no ledger")
            }
            if console.json { return console.json(bytes) }
            let payable = try root["payable"].list { (entry) throws(MessageFault) in
                (try entry["currency"].text(), try entry["amount"].signedInteger())
            }
            guard payable.contains(where: { $0.1 != 0 }) else {
                return console.line("Nothing is payable")
            }
            var table = Table("CURRENCY", ">PAYABLE")
            for (currency, amount) in payable {
                table.add(Table.Cell(currency), Table.Cell(moneyText(amount, currency)))
            }
            console.table(table)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the postings of a request, an account or a leg, the newest first.")

        @Option(help: "A request's id.")
        var request: String?

        @Option(help: "A customer's account.")
        var account: String?

        @Option(help: "A refund over one payment, as r-1/p-1.")
        var leg: String?

        @OptionGroup var page: PageOptions

        @OptionGroup var options: GlobalOptions

        private var paths: [[String]] {
            [
                request.map { ["requests", $0] }, account.map { ["accounts", $0] },
                leg.map { leg in
                    let ids = leg.split(separator: "/").map(String.init)
                    return ["requests"] + ids.prefix(1) + ["payments"] + ids.dropFirst()
                },
            ].compactMap(\.self)
        }

        func validate() throws {
            guard let path = paths.first, paths.count == 1 else {
                throw ValidationError("Give one of --request, --account and --leg.")
            }
            guard path.count == (leg == nil ? 2 : 4), path.allSatisfy(isIdentifier) else {
                throw ValidationError("That is no id; a leg is a request and a payment, r-1/p-1.")
            }
        }

        func run() async throws {
            let console = options.console
            guard
                let (bytes, root) = try await options.api()
                    .json((paths.first ?? []) + ["postings"], page.query("before"))
            else { throw CommandFailure(.refused, "the API has no ledger") }
            if console.json { return console.json(bytes) }
            let rows = try root["postings"].list(of: PostingRow.self)
            guard !rows.isEmpty else { return console.line("Nothing is posted of it") }
            var table = Table("TIME", "REFUND", "TRANSITION", "FROM", "TO", ">AMOUNT")
            for row in rows { table.add(row.cells) }
            console.table(table)
            try page.tellNext(root["next"], "--before", on: console)
        }
    }
}
