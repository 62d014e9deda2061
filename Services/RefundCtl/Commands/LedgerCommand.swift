import ArgumentParser
import RefundMessages

/// `ledger`.
struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Show what is decided and not yet paid, by currency.",
        discussion: """
            Every movement is booked twice, so the sum over all accounts is always 0. What is \
            payable belongs to refunds under way or in exception; with none open it is 0.
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        guard let (bytes, root) = try await options.api().json(["ledger", "check"]) else {
            throw CommandFailure(.refused, "the API has no ledger")
        }
        if console.json { return console.json(bytes) }
        let payable = try root["payable"].list { (entry) throws(MessageFault) in
            (try entry["currency"].text(), try entry["amount"].integer())
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
