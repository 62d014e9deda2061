import Database
import DatabaseSupport
import RefundMessages
import Testing

@testable import Orchestrator

@Suite("The ledger's postings are shown in pages", .everyEngine, .timeLimit(.minutes(10)))
struct LedgerPostingTests {
    private func pages(
        of filter: LedgerFilter, _ size: Int64, _ rig: OrchestratorRig
    ) async throws -> [[LedgerPosting]] {
        var pages: [[LedgerPosting]] = []
        var place: PageMark?
        repeat {
            let before = place
            let page = try await rig.database.read {
                try LedgerPosting.page(filter, before: before, limit: size, in: $0)
            }
            pages.append(page)
            place = page.count == Int(size) ? page.last?.mark : nil
        } while place != nil && pages.count < 20
        return pages
    }

    @Test(arguments: [Int64(1), 2, 3, 100])
    func `the newest first, each once, whatever the page's size`(_ size: Int64) async throws {
        let rig = try await OrchestratorRig()
        try await rig.settle(cards: "card_reversed", "card_closed")
        let all = try await pages(of: .request("r-1"), size, rig).flatMap(\.self)
        #expect(all.count == 6)
        #expect(Set(all).count == 6)
        let marks = all.map { ($0.postedAt, $0.legID, $0.transition) }
        #expect(zip(marks, marks.dropFirst()).allSatisfy { $0 > $1 })
        let account = try await pages(of: .account("a-1"), size, rig).flatMap(\.self)
        #expect(account.map(\.amount).sorted() == [60, 200])
        #expect(account.allSatisfy { $0.credit == "customer:a-1" })
        let leg = try await pages(of: .leg("r-1/p-2"), size, rig).flatMap(\.self)
        #expect(Set(leg.map(\.transition)) == ["decided", "credited"])
        #expect(try await pages(of: .account("a-9"), size, rig) == [[]])
    }

    @Test(arguments: ["5~r-1/p-1~credited~0", "5~", "-5~x"])
    func `a place is passed on as it came`(_ text: String) {
        #expect(PageMark(text)?.description == text)
    }

    @Test(arguments: ["", "5", "x~y"])
    func `another text is no place`(_ text: String) { #expect(PageMark(text) == nil) }
}
