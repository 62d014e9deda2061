import RefundMessages
import Testing

@testable import Orchestrator

@Suite("A stored leg is read back, and one of an earlier version too")
struct LegCodecTests {
    @Test func `a leg in every stage is read back as it was`() throws {
        for stage in Leg.Stage.allCases {
            let leg = LegTableTests.sample(in: stage).leg
            #expect(try Leg(json: JSONDocument(leg.jsonBytes()).root) == leg, "\(stage)")
        }
    }

    @Test func `what a leg's state does not say is kept all the same`() throws {
        var leg = LegTableTests.sample(in: .succeeded).leg
        leg.books = Leg.Books(owed: 2, paid: -1, credited: 1)
        leg.keyUsedAt = nil
        leg.restedAt = Instant(seconds: 5, nanoseconds: 120)
        leg.history.removeFirst()
        leg.budgetFrom = Instant(seconds: 7, nanoseconds: 999_999_999)
        #expect(try Leg(json: JSONDocument(leg.jsonBytes()).root) == leg)
        leg.restedAt = nil
        leg.firstAttemptAt = nil
        leg.keyUsedAt = Instant(seconds: 6)
        leg.history = []
        #expect(try Leg(json: JSONDocument(leg.jsonBytes()).root) == leg)
    }

    /// As it was stored before books and history were.
    private static func earlier(_ state: String, _ more: String = "") -> [UInt8] {
        Array(
            """
            {"paymentId": "p-1", "provider": "sandbox", "paymentReference": "card_ok_1",
             "amount": 160, "state": "\(state)", "attempts": 1,
             "firstAttemptAt": "1970-01-12T13:46:40Z"\(more), "reversals": 0}
            """.utf8)
    }

    static let stored: [(state: String, more: String, books: Leg.Books)] = [
        ("planned", "", Leg.Books()),
        ("submitting", #", "nextAttemptAt": "1970-01-12T13:46:55Z""#, Leg.Books(owed: 1)),
        ("unknown", "", Leg.Books(owed: 1)), ("pending", "", Leg.Books(owed: 1)),
        ("succeeded", #", "refundReference": "re_1""#, Leg.Books(owed: 1, paid: 1)),
        ("credited", "", Leg.Books(owed: 1, credited: 1)),
        ("exception", #", "exceptionReason": "disputed""#, Leg.Books(owed: 1)),
        (
            "exception", #", "exceptionReason": "double_payout""#,
            Leg.Books(owed: 1, credited: 1)
        ),
    ]

    @Test(arguments: stored.indices)
    func `an earlier version's leg goes on from where it was`(_ index: Int) throws {
        let (state, more, books) = Self.stored[index]
        let leg = try Leg(earlier: JSONDocument(Self.earlier(state, more)).root)
        #expect(leg.state.rawValue == state)
        #expect(leg.books == books)
        #expect(leg.calling == (state == "submitting" ? .refund : nil))
        var sample = LegSample()
        sample.leg = leg
        sample.now.seconds += 60
        let call = sample.begin()
        let isAtRest = leg.isAtRest
        #expect((call == nil) == isAtRest, "what was settled before is not asked for again")
    }

    @Test func `history keeps its first entries and its latest`() {
        var sample = LegSample.begun()
        for _ in 0..<60 {
            sample.answer(LegSample.accepted)
            sample.answer(LegSample.action)
        }
        #expect(sample.leg.history.count == 32)
        #expect(sample.leg.history.first?.state == .submitting)
        #expect(sample.leg.history.last?.state == .requiresAction)
    }
}
