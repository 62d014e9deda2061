import ArgumentParser
import Foundation
import RefundMessages

extension LedgerCommand {
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recompute everything from the requests and name the first discrepancy.",
            discussion: """
                Each refund's history against its postings, what is taken from payments and \
                claimed of orders, no payment overdrawn, and the balances. The system may run \
                meanwhile. Exit status 1 where anything differs.
                """)

        /// The last page reads the whole ledger: in seconds.
        static let pageTimeout: TimeInterval = 600

        @OptionGroup var options: GlobalOptions

        func run() async throws {
            let console = options.console
            let api = try options.api()
            let progress = Progress(console)
            defer { progress.end() }
            var report = VerifyReport()
            var place: [(name: String, value: String)] = []
            while true {
                guard
                    let (_, root) = try await api.json(
                        ["ledger", "verify"], place, timeout: Self.pageTimeout)
                else { throw CommandFailure(.refused, "the API cannot verify its ledger") }
                let next = try report.add(root)
                progress.show("\(report.total) checked")
                guard let next, report.discrepancy == nil else { break }
                place = [("phase", next.phase), ("after", next.after)]
            }
            progress.end()
            try report.tell(on: console)
        }
    }
}

/// What the pages of a verification found together.
struct VerifyReport {
    private(set) var checked: [(phase: String, rows: Int64)] = []
    private(set) var sums: [(currency: String, balances: Int64, payable: Int64)] = []
    private(set) var discrepancy: (code: String, subject: String, detail: String)?

    var total: Int64 { checked.reduce(0) { $0 + $1.rows } }

    /// Adds a page; returns where the next begins.
    mutating func add(_ page: JSONValue) throws(MessageFault) -> (phase: String, after: String)? {
        let phase = try page["phase"].text()
        let rows = try page["checked"].integer()
        if checked.last?.phase == phase {
            checked[checked.count - 1].rows += rows
        } else {
            checked.append((phase, rows))
        }
        if let found = try page["discrepancy"].ifPresent {
            discrepancy = (
                try found["code"].text(), try found["subject"].text(1...500),
                try found["detail"].text(1...2_000)
            )
        }
        for sum in try page["sums"].list(of: Sum.self) {
            sums.append((sum.currency, sum.balances, sum.payable))
        }
        guard let next = try page["next"].ifPresent else { return nil }
        return (try next["phase"].text(), try next["after"].text(0...300))
    }

    private struct Sum: JSONReadable {
        var currency: String
        var balances: Int64
        var payable: Int64

        init(json: JSONValue) throws(MessageFault) {
            currency = try json["currency"].text()
            balances = try json["balances"].signedInteger()
            payable = try json["payable"].signedInteger()
        }
    }

    /// - Throws: the discrepancy, where there is one: exit status 1.
    func tell(on console: Console) throws(CommandFailure) {
        if console.json { console.json(json) }
        if let discrepancy {
            throw CommandFailure(
                .differs,
                "\(discrepancy.subject): \(discrepancy.detail) (\(discrepancy.code))")
        }
        guard !console.json else { return }
        var table = Table("CHECKED", ">ROWS")
        for (phase, rows) in checked where phase != "balances" {
            table.add(Table.Cell(phase), Table.Cell(String(rows)))
        }
        console.table(table)
        for sum in sums {
            console.line(
                "Balances \(moneyText(sum.balances, sum.currency)), payable "
                    + moneyText(sum.payable, sum.currency))
        }
        console.line("Everything agrees")
    }

    private var json: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.field("agrees", discrepancy == nil)
            json.name("checked")
            json.object { json in
                for (phase, rows) in checked {
                    json.name(of: phase)
                    rows.write(to: &json)
                }
            }
            json.name("discrepancy")
            if let discrepancy {
                json.object { json in
                    json.field("code", discrepancy.code)
                    json.field("subject", discrepancy.subject)
                    json.field("detail", discrepancy.detail)
                }
            } else {
                json.null()
            }
        }
        return json.bytes
    }
}
