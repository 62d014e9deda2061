import ArgumentParser
import RefundMessages
import Testing

@testable import RefundCtl

@Suite("What operators type") struct OperatorCommandTests {
    @Test(arguments: [
        ["exceptions", "show"], ["exceptions", "show", "r 1"], ["exceptions", "show", "a/b/c"],
        ["exceptions", "retry", "r-1"], ["exceptions", "retry", "r-1", "--note", ""],
        ["exceptions", "credit", "r-1", "--note", String(repeating: "n", count: 501)],
        ["exceptions", "close", "r-1", "--note", "n", "--operator", ""],
        ["exceptions", "list", "--limit", "0"], ["exceptions", "list", "--limit", "1001"],
        ["ledger", "show"], ["ledger", "show", "--request", "r", "--leg", "r/p"],
        ["ledger", "show", "--leg", "r-1"], ["ledger", "show", "--leg", "r/p/q"],
        ["ledger", "show", "--account", "a", "--limit", "0"], ["ledger", "prove"],
    ])
    func `wrong usage has status 2`(arguments: [String]) async {
        #expect(await RefundCtl.run(arguments) == ExitStatus.wrongUsage)
    }

    @Test func `a wish has its note, name and key`() throws {
        let command = try #require(
            try RefundCtl.parseAsRoot([
                "exceptions", "credit", "r-1/p-1", "--note", "checked", "--operator", "金",
                "--idempotency-key", "k-1",
            ]) as? ExceptionsCommand.Credit)
        #expect(command.wish.target.refund == "r-1/p-1")
        #expect(command.wish.note == "checked")
        #expect(command.wish.operator == "金")
        #expect(command.wish.idempotencyKey == "k-1")
    }

    private static func page(
        _ phase: String, _ checked: Int, next: String = "null", discrepancy: String = "null"
    ) -> String {
        """
        {"phase": "\(phase)", "checked": \(checked), "next": \(next),
         "discrepancy": \(discrepancy), "sums": []}
        """
    }

    @Test func `a verification adds its pages up`() throws {
        var report = VerifyReport()
        let first = Self.page("cases", 500, next: #"{"phase": "cases", "after": "r-500"}"#)
        let next = try report.add(JSONDocument(Array(first.utf8)).root)
        #expect(next?.phase == "cases")
        #expect(next?.after == "r-500")
        let last = try report.add(JSONDocument(Array(Self.page("cases", 7).utf8)).root)
        #expect(last == nil)
        #expect(report.total == 507)
        #expect(report.checked.map(\.phase) == ["cases"])
        #expect(throws: Never.self) { try report.tell(on: Console(language: .en, json: true)) }
    }

    @Test func `a discrepancy is told as a failure`() throws {
        var report = VerifyReport()
        let page = Self.page(
            "cases", 0,
            discrepancy: #"{"code": "posting_missing", "subject": "leg r/p", "detail": "why"}"#)
        _ = try report.add(JSONDocument(Array(page.utf8)).root)
        let failure = #expect(throws: CommandFailure.self) {
            try report.tell(on: Console(language: .en, json: false))
        }
        #expect(failure?.description == "leg r/p: why (posting_missing)")
        #expect(failure?.code == .differs)
    }
}
