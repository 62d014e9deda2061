import RefundMessages
import Testing

@testable import Orchestrator

@Suite("A leg that is closed pays for no line")
struct ClosingTests {
    private typealias Samples = CaseSamples

    /// Lines 160 and 100 on payments of 200 and 60: the second line is paid by both.
    private func opened(_ answer: (Leg) -> ProviderAnswer) -> RefundCase {
        var value = Samples.opened()
        value.take(Samples.result(.gateway, Samples.gatewayEligible))
        value.take(Samples.result(.notifications, Samples.notificationsEligible))
        value.pay(answer)
        return value
    }

    private func close(_ legIDs: String..., of value: inout RefundCase) {
        value.change { value in
            for legID in legIDs { value.happen(.close(by: "kim"), to: legID) }
        }
    }

    @Test func `all closed: denied, settlement_closed, and the lines are free again`() {
        var value = opened { _ in .disputed }
        #expect(value.outcome?.status == .settlementException)
        close("r-1/p-1", of: &value)
        #expect(value.outcome?.status == .settlementException, "one is left")
        close("r-1/p-2", of: &value)
        #expect(value.outcome?.status == .denied)
        #expect(value.outcome?.lines.map(\.verdict.code) == [.settlementClosed, .settlementClosed])
        #expect(value.outcome?.refund == nil)
        #expect(value.phase == .finished)
        #expect(value.claims.isEmpty)
        #expect(value.takings.isEmpty)
        #expect(value.settledAt == nil)
    }

    @Test func `one closed: a line keeps what the other leg paid of it`() {
        var value = opened { $0.paymentID == "p-1" ? .paid($0) : .disputed }
        close("r-1/p-2", of: &value)
        #expect(value.outcome?.status == .refunded)
        #expect(value.outcome?.lines.map(\.verdict.amount) == [160, 40])
        #expect(value.outcome?.refund?.amount == 200)
        #expect(value.outcome?.refund?.legs.map(\.paymentID) == ["p-1"])
        #expect(value.claims == ["g": .refunded, "n": .refunded])
        #expect(value.takings == ["p-1": 200])
    }

    @Test func `the first closed: the first line is free, the second keeps its part`() {
        var value = opened { $0.paymentID == "p-2" ? .paid($0) : .disputed }
        close("r-1/p-1", of: &value)
        #expect(value.outcome?.status == .partiallyRefunded)
        #expect(value.outcome?.lines.map(\.verdict.code) == [.settlementClosed, .eligible])
        #expect(value.outcome?.lines.map(\.verdict.amount) == [nil, 60])
        #expect(value.claims == ["n": .refunded])
    }

    @Test func `paid after the close: an alert, and nothing else changes`() {
        var value = opened { _ in .disputed }
        close("r-1/p-1", "r-1/p-2", of: &value)
        let before = value
        let leg = value.legs[0]
        var effects: [CaseEffect] = []
        value.change { value in
            effects = value.happen(
                .answer(.paid(leg), to: .lookUp, attempt: 1), to: "r-1/p-1",
                at: Samples.now.advanced(bySeconds: 60))
        }
        #expect(effects.contains(.alert(.legException(legID: "r-1/p-1", .paidAfterClose))))
        #expect(value.outcome == before.outcome)
        #expect(value.claims.isEmpty && value.takings.isEmpty)
    }

    @Test func `a double payout changes nothing of what the customer was told`() {
        var value = opened { _ in .closedCard }
        let before = value.outcome
        #expect(before?.status == .refunded)
        let leg = value.legs[0]
        value.change { value in
            value.happen(
                .answer(.paid(leg), to: .lookUp, attempt: 1), to: "r-1/p-1",
                at: Samples.now.advanced(bySeconds: 60))
        }
        #expect(value.legs[0].exceptionReason == .doublePayout)
        #expect(value.outcome == before)
        #expect(value.phase == .finished)
    }

    @Test func `an operator may not act on what is no exception`() {
        var value = opened { .paid($0) }
        let before = value
        #expect(throws: OperatorRefusal.self) {
            _ = try value.apply(
                .credit(by: "kim"), to: "r-1/p-1", now: Samples.now, limits: Samples.limits)
        }
        #expect(value == before)
    }
}
