import ArgumentParser
import RefundMessages

/// `reviews list|approve|deny`.
struct ReviewsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reviews",
        abstract: "List the lines in review, and decide them.",
        subcommands: [List.self, Approve.self, Deny.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the order lines that wait for a decision.")

        @OptionGroup var options: GlobalOptions

        func run() async throws {
            let console = options.console
            guard let (bytes, root) = try await options.api().json(["reviews"]) else {
                throw CommandFailure(.refused, "the API has no list of reviews")
            }
            if console.json { return console.json(bytes) }
            let rows = try root["reviews"].list { (review) throws(MessageFault) in
                try ReviewRow(json: review)
            }
            guard !rows.isEmpty else { return console.line("Nothing is in review") }
            var table = Table("REQUEST", "LINE", "ORDER", "PRODUCT", "CODE", ">AMOUNT", "RULES")
            for row in rows { table.add(row.cells) }
            console.table(table)
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approve what is in review: the amount it carries, or less.")

        @OptionGroup var decision: DecisionOptions

        @Option(help: "Minor units, for one line: less than the line carries.")
        var amount: Int64?

        @OptionGroup var options: GlobalOptions

        func validate() throws {
            try decision.check()
            guard amount == nil || decision.line != nil else {
                throw ValidationError("--amount needs --line.")
            }
            guard amount ?? 1 >= 1 else {
                throw ValidationError("--amount is at least 1; nothing at all is a denial.")
            }
        }

        func run() async throws {
            try await decision.run(.approve, amount: amount, options)
        }
    }

    struct Deny: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deny what is in review.")

        @OptionGroup var decision: DecisionOptions
        @OptionGroup var options: GlobalOptions

        func validate() throws { try decision.check() }

        func run() async throws { try await decision.run(.deny, amount: nil, options) }
    }
}

/// A line in review as the API lists it.
private struct ReviewRow {
    var cells: [Table.Cell]

    init(json: JSONValue) throws(MessageFault) {
        let currency = try json["currency"].ifPresent?.currency()
        let amount = try json["amount"].ifPresent?.integer()
        let rules = try json["rules"].list { (rule) throws(MessageFault) in try rule.text() }
        cells = [
            Table.Cell(try json["requestId"].text()), Table.Cell(try json["lineId"].text()),
            Table.Cell(try json["orderId"].text()), Table.Cell(try json["product"].text()),
            Table.Cell(try json["code"].text()),
            Table.Cell(
                amount.map { amount in
                    currency.map { moneyText(amount, $0) } ?? String(amount)
                } ?? ""),
            Table.Cell(rules.joined(separator: " ")),
        ]
    }
}
