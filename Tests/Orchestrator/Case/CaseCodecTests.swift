import RefundMessages
import Testing

@testable import Orchestrator

@Suite("A stored case is read back to the last field, and one of an earlier version too")
struct CaseCodecTests {
    private typealias Samples = CaseSamples

    /// Everything that is stored once, and can be in two places.
    private static func read(_ value: RefundCase) throws -> RefundCase {
        try RefundCase(stored: value.encodeForStore())
    }

    private static func refunded(at now: Instant = Samples.now) -> RefundCase {
        var value = Samples.opened()
        value.take(Samples.result(.gateway, Samples.gatewayEligible))
        value.take(Samples.result(.notifications, Samples.notificationsEligible))
        value.change { value in
            for legID in value.legs.map({ value.legID(of: $0) }) {
                value.happen(.begin, to: legID, at: now)
                let leg = value.legs[value.indexOfLeg(legID) ?? 0]
                value.happen(.answer(.paid(leg), to: .refund, attempt: 1), to: legID, at: now)
            }
        }
        return value
    }

    /// A request's way, each step of it.
    static let ways: [[@Sendable (inout RefundCase) throws -> Void]] = [
        [
            { $0.take(Samples.result(.gateway, Samples.gatewayMetered)) },
            { $0.take(Samples.result(.notifications, Samples.notificationsEligible)) },
            {
                try $0.decide(
                    ReviewDecision(
                        requestID: "r-1", lineID: "g", decision: .approve, amount: 100,
                        operator: "kim"))
            },
            { $0.pay { $0.paymentID == "p-1" ? .paid($0) : .unknown(.noAnswer) } },
        ],
        [
            { $0.take(Samples.result(.gateway, Samples.gatewayEligible)) },
            { $0.take(Samples.result(.notifications, Samples.notificationsInUse)) },
            { $0.pay { _ in LegSample.closed } },
        ],
        [
            { $0.take(Samples.result(.gateway, Samples.gatewaySteps, revision: 2)) },
            { $0.take(Samples.result(.notifications, Samples.notificationsEligible)) },
            { $0.pay { _ in LegSample.disputed } },
            { $0.happen(.close(by: "kim"), to: "r-1/p-1") },
            { $0.change { _ in } },
        ],
        [
            { $0.take(Samples.result(.gateway, Samples.gatewayMetered)) },
            { $0.take(Samples.result(.notifications, Samples.notificationsInUse)) },
            { try $0.decide(ReviewDecision(requestID: "r-1", decision: .deny, operator: "kim")) },
        ],
    ]

    @Test(arguments: ways.indices, [false, true])
    func `a case is read back as it was after each step`(_ way: Int, allOrNothing: Bool) throws {
        for request in [
            Samples.request(allOrNothing: allOrNothing),
            Samples.request(lines: ["g", "n"], allOrNothing: allOrNothing, dryRun: true),
        ] {
            var value = Samples.opened(request, promotion: way == 1 ? "promo-x" : nil)
            #expect(try Self.read(value) == value)
            for step in Self.ways[way] {
                // What a step asks for may not be there in a dry run, or without all.
                try? step(&value)
                #expect(try Self.read(value) == value)
            }
        }
    }

    @Test func `a case of an order that is not known is read back as it was`() throws {
        let value = Samples.settled(
            .orderNotFound(
                Samples.request(), caseID: "r-1", traceparent: "00-1-1-01", policyVersion: "test",
                now: Samples.now))
        #expect(value.outcome?.code == .orderNotFound)
        #expect(try Self.read(value) == value)
    }

    @Test(arguments: Leg.Stage.allCases)
    func `a case with a leg in any stage is read back as it was`(_ stage: Leg.Stage) throws {
        var value = Self.refunded()
        value.legs[0] = LegTableTests.sample(in: stage).leg
        #expect(try Self.read(value) == value, "with the outcome of before")
        value.refreshOutcome()
        #expect(try Self.read(value) == value)
    }

    /// What an outcome may say besides the rest of its case.
    static let differences: [@Sendable (inout RefundOutcome) -> Void] = [
        { $0.requestID = "r-2" }, { $0.orderID = "o-2" }, { $0.accountID = "a-2" },
        { $0.revision = 7 }, { $0.status = .settling }, { $0.code = .orderNotFound },
        { $0.orderStatus = nil }, { $0.orderStatus = "another" }, { $0.lines = [] },
        { $0.lines.swapAt(0, 1) }, { $0.lines[0].product = .pca },
        { $0.lines[0].verdict.lineID = "x" }, { $0.lines[0].verdict.amount = nil },
        { $0.lines[1].verdict.steps = [Step(.resetGateway)] },
        { $0.lines[1].verdict.rules = [] }, { $0.lines[1].resourceStatus = "refunded" },
        { $0.refund = nil }, { $0.refund?.amount = 1 }, { $0.refund?.currency = "EUR" },
        { $0.refund?.legs.swapAt(0, 1) }, { $0.refund?.legs.removeFirst() },
        { $0.refund?.legs[0].amount = 1 }, { $0.refund?.legs[0].paymentID = "p-9" },
        { $0.refund?.legs[1].route = .balance }, { $0.refund?.legs[1].status = .exception },
        { $0.refund?.legs[0].reference = nil }, { $0.refund?.legs[0].reference = "re_9" },
        { $0.refund?.legs = [] }, { $0.deadline = nil }, { $0.decidedAt = nil },
        { $0.settledAt = Instant(seconds: 1, nanoseconds: 1) }, { $0.policyVersion = "other" },
    ]

    @Test(arguments: differences.indices)
    func `an outcome keeps what it was published with, whatever the case says now`(_ index: Int)
        throws
    {
        var value = Self.refunded()
        var outcome = try #require(value.outcome)
        Self.differences[index](&outcome)
        value.outcome = outcome
        let read = try Self.read(value)
        #expect(read == value)
        #expect(read.outcome?.encode() == outcome.encode())
    }

    @Test(arguments: [
        Instant(seconds: 0), Instant(seconds: -1, nanoseconds: 1), .earliest, .latest,
        Instant(seconds: 1_790_000_000, nanoseconds: 120_000_000),
        Instant(seconds: 1_790_000_000, nanoseconds: 1),
        Instant(seconds: 1_790_000_000, nanoseconds: 999_999_999),
    ])
    func `an instant is read back to the nanosecond`(_ instant: Instant) throws {
        let value = Self.refunded(at: instant)
        #expect(value.settledAt == instant)
        #expect(try Self.read(value) == value)
    }

    @Test(arguments: EarlierCases.documents)
    func `a case of the first form is the same case in this one`(_ document: String) throws {
        let earlier = Array(document.filter { !$0.isNewline }.utf8)
        let value = try RefundCase(stored: earlier)
        let written = value.encodeForStore()
        #expect(try RefundCase(stored: written) == value)
        #expect(written.count < earlier.count)
        // What was published then goes out again to the byte.
        let published = try RefundOutcome(json: JSONDocument(earlier).root["outcome"])
        #expect(try RefundCase(stored: written).outcome?.encode() == published.encode())
        #expect(
            value.caseID == value.request.requestID && value.lines.allSatisfy { $0.judged != nil })
    }

    @Test(arguments: ["{}", "[]", #"{"v":3}"#, #"{"v":2}"#, #"{"v":"2"}"#, "{"])
    func `what is no stored case is refused`(_ document: String) {
        #expect(throws: MessageFault.self) { try RefundCase(stored: Array(document.utf8)) }
    }

    @Test func `a refund of one line takes no more than 700 bytes`() throws {
        let first = Array(EarlierCases.documents[1].filter { !$0.isNewline }.utf8)
        let bytes = try RefundCase(stored: first).encodeForStore()
        #expect(bytes.count <= 700, "\(String(decoding: bytes, as: UTF8.self))")
    }
}
