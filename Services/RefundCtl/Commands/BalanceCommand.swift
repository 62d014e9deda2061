import ArgumentParser
import RefundMessages

/// `balance ACCOUNT`.
struct BalanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance", abstract: "Show what was credited to an account's balance.")

    @Argument(help: "The account's id.")
    var account: String

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        guard let (bytes, root) = try await options.api().json(["accounts", account, "balance"])
        else { throw CommandFailure(.refused, "no account \(account) is known") }
        if console.json { return console.json(bytes) }
        let balances = try root["balances"].list { (balance) throws(MessageFault) in
            (try balance["currency"].text(), try balance["balance"].signedInteger())
        }
        guard !balances.isEmpty else {
            return console.line("\(account.printable) has nothing on its balance")
        }
        var table = Table("CURRENCY", ">BALANCE")
        for (currency, balance) in balances {
            table.add(Table.Cell(currency), Table.Cell(moneyText(balance, currency)))
        }
        console.table(table)
    }
}
