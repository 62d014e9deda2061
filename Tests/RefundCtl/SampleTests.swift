import RefundMessages
import TestSupport
import Testing

@testable import RefundCtl

struct TemplateTests {
    private let template = Template(run: "-x1", now: Instant(seconds: 1_000_000))

    @Test(arguments: [
        ("o-1${run}", "o-1-x1"), ("${now}", "1970-01-12T13:46:40Z"),
        ("${now-2d}", "1970-01-10T13:46:40Z"), ("${now+1h}", "1970-01-12T14:46:40Z"),
        ("${now-90s}${run}", "1970-01-12T13:45:10Z-x1"), ("$ {run}", "$ {run}"), ("", ""),
    ])
    func marksAreFilledIn(text: String, expected: String) throws {
        #expect(String(decoding: try template.fill(Array(text.utf8)), as: UTF8.self) == expected)
    }

    @Test(arguments: [
        "${runs}", "${now-2w}", "${now-d}", "${now+}", "${run", "${}", "${now-9999999d}",
    ])
    func anUnknownMarkIsRefused(text: String) {
        #expect(throws: CommandFailure.self) { try template.fill(Array(text.utf8)) }
    }
}

struct SampleSetTests {
    private static let directory = Repository.path("deploy/local/samples")

    private func samples() throws -> SampleSet {
        try SampleSet(
            directory: Self.directory,
            template: Template(run: "-t", now: Instant(seconds: 1_764_000_000)))
    }

    @Test func theSamplesOfTheRepositoryAreWellFormed() throws {
        let samples = try samples()
        #expect(samples.phases.count == 5)
        for line in samples.phases.dropLast().flatMap(\.lines) {
            switch (line.exchange, line.routingKey) {
            case ("refund.requests", "request"): _ = try RefundRequest.decode(line.body)
            case ("refund.reviews", "decision"): _ = try ReviewDecision.decode(line.body)
            case ("refund.facts", "order"): _ = try OrderPaid.decode(line.body)
            case ("refund.facts", let key) where key.hasPrefix("usage."):
                let product = try #require(Product(rawValue: String(key.dropFirst(6))))
                _ = try Usage.decode(line.body, product: product)
            default: Issue.record("\(line.exchange) \(line.routingKey)")
            }
        }
    }

    @Test func everyRequestHasAnExpectedOutcomeAndTheOtherWayRound() throws {
        let samples = try samples()
        let asked = Set(
            samples.phases.dropLast().flatMap(\.lines)
                .filter { $0.exchange == "refund.requests" }.compactMap(\.requestID))
        #expect(asked == Set(samples.expected.outcomes.map(\.requestID)))
        #expect(samples.expected.deadLetters == Int64(samples.phases.last?.lines.count ?? 0))
    }

    @Test func everyProductAndEveryFinalStatusIsThere() throws {
        let samples = try samples()
        let products = samples.phases.flatMap(\.lines).map(\.routingKey)
        for product in Product.allCases { #expect(products.contains("usage.\(product.rawValue)")) }
        let statuses = Set(samples.expected.outcomes.map(\.status))
        #expect(statuses == Set(RefundOutcome.Status.allCases).subtracting([.inReview, .settling]))
    }

    @Test func theVendorPagesExampleIsAmongThem() throws {
        let outcomes = try samples().expected.outcomes
        let example = try #require(outcomes.first { $0.requestID == "vendor-example-t" })
        #expect(example.legs.map(\.amount) == [128])
        #expect(example.lines.map(\.verdict.code) == [.reviewApproved])
    }
}

struct ExpectationTests {
    private static let expected = #"""
        {"requestId":"r-1","status":"refunded","code":null,"orderStatus":"refund_succeeded",
         "currency":"USD","legs":[{"paymentId":"p","amount":5,"route":"original","status":"succeeded"}],
         "lines":[{"lineId":"1","verdict":"eligible","code":"eligible","rules":["NTF-1"],"amount":5,
                   "steps":[],"resourceStatus":null}]}
        """#

    private func outcome() -> RefundOutcome {
        RefundOutcome(
            requestID: "r-1", orderID: "o", accountID: "a", revision: 1, status: .refunded,
            orderStatus: "refund_succeeded",
            lines: [
                .init(
                    product: .notifications,
                    verdict: LineVerdict(
                        lineID: "1", verdict: .eligible, code: .eligible, rules: [.ntf1], amount: 5)
                )
            ],
            refund: .init(
                amount: 5, currency: "USD",
                legs: [.init(paymentID: "p", amount: 5, route: .original, status: .succeeded)]),
            policyVersion: "1")
    }

    private func differences(_ change: (inout RefundOutcome) -> Void) throws -> [String] {
        let expectation = try Expectation(json: JSONDocument(Array(Self.expected.utf8)).root)
        var outcome = outcome()
        change(&outcome)
        return expectation.differences(from: outcome)
    }

    @Test func theExpectedOutcomeHasNoDifference() throws {
        #expect(try differences { _ in } == [])
    }

    @Test func everyDifferenceIsNamed() throws {
        #expect(
            try differences { $0.status = .denied } == ["status is denied, expected refunded"])
        #expect(
            try differences { $0.orderStatus = nil }
                == ["orderStatus is absent, expected refund_succeeded"])
        #expect(
            try differences { $0.refund?.legs[0].route = .balance } == [
                #"legs is ["p 5 balance succeeded"], expected ["p 5 original succeeded"]"#
            ])
        #expect(
            try differences { $0.lines[0].verdict.rules = [] }
                == [#"line 1 rules is [], expected ["NTF-1"]"#])
        #expect(
            try differences { $0.lines[0].verdict.amount = 4 } == ["line 1 amount is 4, expected 5"]
        )
        #expect(try differences { $0.lines = [] } == [#"lines is [], expected ["1"]"#])
    }

    @Test func aMissingOutcomeIsADifference() throws {
        let expectation = try Expectation(json: JSONDocument(Array(Self.expected.utf8)).root)
        #expect(expectation.differences(from: nil) == ["no outcome; expected refunded"])
    }
}
