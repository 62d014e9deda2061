import AMQP
import Database
import DatabaseSupport
import RefundMessages
import Testing
import WorkerRuntime

@testable import Orchestrator

@Suite("Operators work exceptions off", .everyEngine, .timeLimit(.minutes(10)))
struct ExceptionDeskTests {
    @Test func `an exception is listed with its reason and age`() async throws {
        let rig = try await OrchestratorRig()
        try await rig.settle(cards: "card_disputed_1", "card_ok_2")
        let listed = try await rig.exceptions()
        #expect(listed.map(\.legID) == ["r-1/p-1"])
        #expect(listed.map(\.reason) == ["disputed"])
        #expect(listed.map(\.amount) == [200])
        #expect(listed.map(\.currency) == ["USD"])
        #expect(listed.map(\.accountID) == ["a-1"])
        #expect(listed.map(\.since) == [OrchestratorRig.start])
        let summary = try await rig.database.read { try OpenException.summary(in: $0) }
        #expect(summary["disputed"]?.count == 1)
        #expect(try await rig.discrepancy() == nil)
    }

    struct Ending: Sendable, CustomTestStringConvertible {
        var card: String
        var action: ExceptionAction
        /// The last outcome's, and whether it is another revision than the exception's.
        var status: RefundOutcome.Status
        var isRevised: Bool
        /// Of the first line's verdict.
        var code: LineCode
        var balance: Int64
        var isOpen: Bool
        var testDescription: String { "\(action) \(card)" }
    }

    static let endings = [
        Ending(
            card: "card_disputed", action: .credit, status: .refunded, isRevised: true,
            code: .eligible, balance: 200, isOpen: false),
        Ending(
            card: "card_disputed", action: .close, status: .partiallyRefunded, isRevised: true,
            code: .settlementClosed, balance: 0, isOpen: false),
        Ending(
            // A further attempt is a refund of its own, with another reference.
            card: "card_disputed", action: .retry, status: .settlementException,
            isRevised: true, code: .eligible, balance: 0, isOpen: true),
        Ending(
            card: "card_unknown", action: .retry, status: .settlementException,
            isRevised: false, code: .eligible, balance: 0, isOpen: true),
        Ending(
            card: "card_unknown", action: .credit, status: .refunded, isRevised: true,
            code: .eligible, balance: 200, isOpen: false),
    ]

    @Test(arguments: endings)
    func `what comes of an action is the next revision`(_ ending: Ending) async throws {
        let rig = try await OrchestratorRig()
        let before = try #require(
            try await rig.settle(cards: ending.card, "card_ok_2").last)
        #expect(before.status == .settlementException)
        let (answer, outcomes) = try await rig.act(ending.action)
        #expect(answer == .done)
        let after = outcomes.last ?? before
        #expect(after.status == ending.status)
        #expect((after.revision == before.revision + 1) == ending.isRevised)
        #expect(after.lines.first?.verdict.code == ending.code)
        #expect(try await rig.balance() == ending.balance)
        #expect(try await rig.exceptions().isEmpty == !ending.isOpen)
        #expect(try await rig.audit().map(\.stage) == [.done])
        #expect(try await rig.audit().map(\.note) == ["checked"])
        #expect(try await rig.discrepancy() == nil)
    }

    @Test func `closed without payment the line is free again`() async throws {
        let rig = try await OrchestratorRig()
        try await rig.settle(cards: "card_disputed", "card_disputed")
        _ = try await rig.act(.close, "p-1", key: "k-1")
        let (_, outcomes) = try await rig.act(.close, "p-2", key: "k-2")
        #expect(outcomes.last?.status == .denied)
        #expect(outcomes.last?.lines.map(\.verdict.code) == [.settlementClosed, .settlementClosed])
        #expect(outcomes.last?.refund == nil)
        var again = CaseSamples.request()
        again.requestID = "r-2"
        let opened = try await rig.deliver("refund.requests", "request", again.encode())
        #expect(opened.messages.contains { $0.exchange == "refund.checks" })
        #expect(try await rig.discrepancy() == nil)
    }

    @Test func `the provider is asked before the balance is credited`() async throws {
        let provider = ForgetfulProvider()
        let rig = try await OrchestratorRig(providers: [.sandbox: provider])
        try await rig.settle(cards: "card_1", "card_2")
        #expect(try await rig.exceptions().map(\.reason) == ["attempts_spent", "attempts_spent"])
        provider.remember()
        let (answer, outcomes) = try await rig.act(.credit)
        #expect(answer == .done)
        #expect(outcomes.last?.refund?.legs.first?.status == .succeeded)
        #expect(outcomes.last?.refund?.legs.first?.route == .original)
        #expect(try await rig.balance() == 0)
        #expect(try await rig.discrepancy() == nil)
    }

    @Test func `a second click with the same key does nothing twice`() async throws {
        let rig = try await OrchestratorRig()
        try await rig.settle(cards: "card_disputed", "card_ok")
        #expect(try await rig.act(.credit).answer == .done)
        #expect(try await rig.act(.credit).answer == .done)
        #expect(try await rig.audit().count == 1)
        #expect(try await rig.balance() == 200)
        #expect(try await rig.act(.close).answer == .refused(.keyReused))
        #expect(try await rig.act(.credit, note: "other").answer == .refused(.keyReused))
        #expect(try await rig.act(.credit, key: "k-2").answer == .refused(.notInException))
        #expect(try await rig.act(.credit, "p-9", key: "k-3").answer == .unknown)
    }

    @Test func `above the limit two must want the same`() async throws {
        let rig = try await OrchestratorRig()
        try await rig.settle(cards: "card_disputed", "card_ok")
        #expect(try await rig.act(.credit, limit: "199").answer == .proposed)
        #expect(try await rig.act(.credit, limit: "199").answer == .proposed)
        #expect(try await rig.exceptions().first?.proposal?.operatorName == "kim")
        let twice = try await rig.act(.credit, key: "k-2", limit: "199")
        #expect(twice.answer == .refused(.secondPersonNeeded))
        #expect(try await rig.balance() == 0)
        let confirmed = try await rig.act(
            .credit, by: OrchestratorRig.lee, key: "k-3", limit: "199")
        #expect(confirmed.answer == .done)
        #expect(try await rig.balance() == 200)
        let audit = try await rig.audit()
        #expect(audit.map(\.stage) == [.proposed, .done])
        #expect(audit.map(\.operatorName) == ["kim", "lee"])
        #expect(audit.map(\.isProven) == [true, false])
    }

    @Test func `a proposal falls away when the leg changes`() async throws {
        let provider = ForgetfulProvider()
        let rig = try await OrchestratorRig(providers: [.sandbox: provider])
        try await rig.settle(cards: "card_1", "card_2")
        #expect(try await rig.act(.close, limit: "0").answer == .proposed)
        provider.remember()
        let notice = PaymentNotice(provider: .sandbox, eventID: "e-1", legID: "r-1/p-1")
        let noticed = try await rig.deliver("refund.payments", "sandbox", notice.encode())
        _ = try await rig.carry(noticed.messages)
        _ = try await rig.goOn(seconds: 5)
        #expect(try await rig.exceptions().map(\.legID) == ["r-1/p-2"])
        #expect(try await rig.audit().map(\.stage) == [.proposed, .fellAway])
        let late = try await rig.act(.close, by: OrchestratorRig.lee, key: "k-2", limit: "0")
        #expect(late.answer == .refused(.notInException))
    }

    @Test(arguments: ["UPDATE operator_audit SET note = 'x'", "DELETE FROM operator_audit"])
    func `nobody changes the audit`(_ change: String) async throws {
        let rig = try await OrchestratorRig()
        try await rig.settle(cards: "card_disputed", "card_ok")
        _ = try await rig.act(.close)
        await #expect(throws: DatabaseError.self) {
            try await rig.database.write { try $0.execute(change, []) }
        }
    }

    @Test func `exceptions of an earlier version are listed by the sweeper`() async throws {
        let rig = try await OrchestratorRig()
        try await rig.settle(cards: "card_disputed", "card_ok")
        try await rig.database.write { connection in
            try connection.execute("DELETE FROM exceptions", [])
            // What the migration does.
            try connection.execute(
                "UPDATE cases SET due_at = 0 WHERE phase = 'settling'", [])
        }
        #expect(try await rig.exceptions().isEmpty)
        _ = try await rig.sweep()
        #expect(try await rig.exceptions().map(\.legID) == ["r-1/p-1"])
    }
}
