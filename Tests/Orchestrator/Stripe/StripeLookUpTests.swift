import RefundMessages
import Testing

@testable import Orchestrator

/// What a payment's list of refunds says about one of ours.
@Suite struct StripeLookUpTests {
    private static func page(_ refunds: [String], hasMore: Bool = false) throws -> StripeRefundPage
    {
        let body =
            #"{"object": "list", "data": [\#(refunds.joined(separator: ","))], "has_more": \#(hasMore)}"#
        return try StripeRefundPage(json: StripeJSON.parse(Array(body.utf8)))
    }

    private static func lookUp(_ refunds: [String], attempt: Int = 1) throws -> StripeLookUp {
        var lookUp = StripeLookUp(StripeSamples.refund(attempt: attempt))
        _ = lookUp.add(try page(refunds))
        return lookUp
    }

    private static func object(
        _ id: String, _ status: String, key: String = "r-1/p-1", amount: Int64 = 700
    ) -> String {
        StripeSamples.object(
            id: id, amount: amount, status: status,
            failureReason: status == "failed" ? "declined" : nil, key: key)
    }

    private static let others = StripeSamples.object(id: "re_9", legID: "r-2/p-1")
    private static let one = RefundObject(reference: "re_1", amount: 700, currency: "USD")

    @Test("Ours is told by the leg's id, whatever else was refunded")
    func findsOurs() throws {
        let lookUp = try Self.lookUp([Self.others, Self.object("re_1", "succeeded")])
        #expect(lookUp.found == .succeeded(Self.one))
        #expect(try Self.lookUp([Self.others]).found == nil)
    }

    @Test("Where several attempts are there, money that is out counts, then the newest attempt")
    func findsTheAttempt() throws {
        let first = Self.object("re_1", "failed")
        let second = Self.object("re_2", "succeeded", key: "r-1/p-1#2")
        let found = try Self.lookUp([second, first], attempt: 2).found
        #expect(
            found == .succeeded(RefundObject(reference: "re_2", amount: 700, currency: "USD")))
        // The first has failed, the second is not there (yet): nothing is known of it.
        #expect(try Self.lookUp([first], attempt: 2).found == nil)
        #expect(try Self.lookUp([first]).found == .failed(reason: "declined", Self.one))
        // The first was paid after all: that is what counts.
        let paid = Self.object("re_1", "succeeded")
        #expect(try Self.lookUp([paid], attempt: 2).found == .succeeded(Self.one))
    }

    @Test("Two payouts under one leg are told as their sum, which fits no leg")
    func tellsDoublePayouts() throws {
        let refunds = [
            Self.object("re_2", "pending", key: "r-1/p-1#2"), Self.object("re_1", "succeeded"),
        ]
        let sum = RefundObject(reference: "re_2", amount: 1_400, currency: "USD")
        #expect(try Self.lookUp(refunds, attempt: 2).found == .pending(sum))
    }

    @Test("Pages are read on from the last refund while there are more")
    func reads() throws {
        var lookUp = StripeLookUp(StripeSamples.refund())
        #expect(lookUp.add(try Self.page([Self.others], hasMore: true)))
        #expect(lookUp.last == "re_9")
        #expect(!lookUp.add(try Self.page([Self.object("re_1", "pending")])))
        #expect(lookUp.found == .pending(Self.one))
        // A page that says there is more and has nothing would never end.
        #expect(!lookUp.add(try Self.page([], hasMore: true)))
    }

    @Test(
        "The money is taken by others only where the list accounts for all that was refunded",
        arguments: [
            (1_000, 700, true), (1_400, 700, false), (1_399, 700, true),
            // The charge knows of a refund that the list does not have: it may be ours.
            (1_000, 1_000, false),
        ] as [(Int64, Int64, Bool)])
    func isTaken(_ captured: Int64, _ refunded: Int64, _ expected: Bool) throws {
        let body =
            #"{"amount": 5000, "amount_captured": \#(captured), "amount_refunded": \#(refunded)}"#
        let charge = try StripeCharge(json: StripeJSON.parse(Array(body.utf8)))
        let failed = Self.object("re_8", "failed", key: "x")
        #expect(try Self.lookUp([Self.others, failed]).isTaken(of: charge) == expected)
    }
}
