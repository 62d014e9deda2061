import RefundMessages
import Testing

@testable import ProductWorker

/// The pure core: what a worker answers and holds.
@Suite("A desk")
struct OrderDeskTests {
    var desk = OrderDesk()
    let due = noon.advanced(bySeconds: 60)
    let later = noon.advanced(bySeconds: 61)

    mutating func receive(
        _ check: RefundCheck, _ used: [String: Int64] = [:]
    ) -> RefundResult? {
        desk.receive(
            check, traceparent: "trace", by: StubRules.self, facts: calls(used), due: due)
    }

    mutating func usage(_ line: String, _ used: [String: Int64]) -> [RefundResult] {
        desk.usageChanged(of: line, by: StubRules.self, facts: calls(used), now: noon)
            .map(\.result)
    }

    mutating func wake(_ used: [String: Int64], at now: Instant) -> [RefundResult] {
        desk.wake(by: StubRules.self, facts: calls(used), now: now).map(\.result)
    }

    @Test("answers at once when every line's usage is known, and holds what may be paid")
    mutating func answers() {
        let result = receive(.of("1", "2", "3"), ["1": 0, "2": 1, "3": 2])
        #expect(result?.revision == 1)
        #expect(result?.lines.map(\.lineID) == ["1", "2", "3"])
        #expect(result?.lines.map(\.verdict) == [.eligible, .denied, .review])
        #expect(result?.lines.map(\.amount) == [100, nil, 50])
        #expect(["1", "2", "3"].filter(desk.holds) == ["1", "3"])
        #expect(desk.wakeAt == nil)
    }

    @Test("gives the same result to the same check, whatever the facts are now")
    mutating func repeated() {
        let first = receive(.of("1"), ["1": 0])
        #expect(receive(.of("1"), ["1": 1]) == first)
        #expect(desk.checks.count == 1)
    }

    @Test("waits for all missing documents, and answers once, with all lines")
    mutating func waits() {
        #expect(receive(.of("1", "2", "3"), ["2": 0]) == nil)
        #expect(desk.wakeAt == due)
        #expect(["1", "2", "3"].allSatisfy(desk.holds), "a waiting check claims its lines")
        #expect(receive(.of("1", "2", "3"), ["2": 0]) == nil, "it still waits")
        #expect(usage("1", ["1": 1, "2": 0]).isEmpty)
        let results = usage("3", ["1": 1, "2": 0, "3": 0])
        #expect(results.map(\.revision) == [1])
        #expect(results.first?.lines.map(\.verdict) == [.denied, .eligible, .eligible])
        #expect(["1", "2", "3"].filter(desk.holds) == ["2", "3"])
        #expect(wake([:], at: noon).isEmpty)
    }

    @Test("sends what never came to review when the wait is over, and not before")
    mutating func unknown() {
        _ = receive(.of("1", "2"), ["2": 1])
        #expect(wake(["2": 1], at: due.advanced(bySeconds: -1)).isEmpty)
        let results = wake(["2": 1], at: due)
        #expect(
            results.first?.lines == [
                LineVerdict(lineID: "1", verdict: .review, code: .usageUnknown, amount: 100),
                LineVerdict(lineID: "2", verdict: .denied, code: .inUse, rules: [.repo1]),
            ])
        #expect(desk.holds("1") && !desk.holds("2"))
    }

    @Test("uses at the end of the wait what came meanwhile")
    mutating func cameMeanwhile() {
        _ = receive(.of("1", "2"), ["1": 0])
        #expect(
            wake(["1": 0, "2": 0], at: due).first?.lines.map(\.verdict) == [
                .eligible, .eligible,
            ])
    }

    @Test("revises an unknown line when its document comes while the request is open")
    mutating func revisesUnknown() {
        _ = receive(.of("1"))
        _ = wake([:], at: due)
        let results = usage("1", ["1": 0])
        #expect(results.map(\.revision) == [2])
        #expect(results.first?.lines.map(\.verdict) == [.eligible])
    }

    @Test("lets one line of an answered check stay unknown while another's document comes")
    mutating func staysUnknown() {
        _ = receive(.of("1", "2"))
        _ = wake([:], at: due)
        #expect(usage("2", ["2": 0]).first?.lines.map(\.code) == [.usageUnknown, .eligible])
    }

    static let revisions: [(Int64, Int64, Verdict, Bool)] = [
        (0, 1, .denied, false), (0, 2, .review, true), (2, 0, .eligible, true),
        (2, 4, .review, true), (2, 1, .denied, false),
    ]

    @Test("judges a held line again in either direction", arguments: revisions)
    mutating func revises(_ before: Int64, _ after: Int64, _ verdict: Verdict, _ holds: Bool) {
        _ = receive(.of("1", "2"), ["1": before, "2": 1])
        let results = usage("1", ["1": after, "2": 0])
        #expect(results.map(\.revision) == [2])
        #expect(
            results.first?.lines.map(\.verdict) == [verdict, .denied],
            "line 2 was decided and is not revived")
        #expect(desk.holds("1") == holds)
        #expect(desk.wakeAt == noon.advanced(bySeconds: OrderDesk.repeatSeconds))
    }

    @Test("says nothing when the usage changes nothing")
    mutating func unchanged() {
        let first = receive(.of("1"), ["1": 0])
        #expect(usage("1", ["1": 0]).isEmpty)
        #expect(usage("other", ["1": 1]).isEmpty)
        #expect(receive(.of("1")) == first)
    }

    @Test("tells usage of a refunded line once for each change, for the alert")
    mutating func usedAfterRefund() {
        _ = receive(.of("1"), ["1": 0])
        _ = desk.take(.of(.refunded, [("1", .eligible)]), product: .repository)
        #expect(usage("1", ["1": 0]).isEmpty)
        let told = usage("1", ["1": 1])
        #expect(told.map(\.lines.first?.verdict) == [.denied])
        #expect(told.map(\.revision) == [2])
        #expect(usage("1", ["1": 1]).isEmpty)
        #expect(!desk.holds("1"))
    }

    @Test("never revives a line that it released")
    mutating func released() {
        _ = receive(.of("1"), ["1": 0])
        _ = usage("1", ["1": 1])
        #expect(usage("1", ["1": 0]).isEmpty)
        #expect(receive(.of("1"), ["1": 0])?.lines.map(\.verdict) == [.denied])
        #expect(
            receive(.of("1", id: "r-2"), ["1": 0])?.lines.map(\.verdict) == [.eligible],
            "another request may have it")
    }

    @Test("denies a line that another open request holds or waits for", arguments: [true, false])
    mutating func inProgress(_ waiting: Bool) {
        _ = receive(.of("1"), waiting ? [:] : ["1": 0])
        #expect(desk.isInTheWay(of: .of("1", id: "r-2")))
        #expect(!desk.isInTheWay(of: .of("1")))
        let result = receive(.of("1", "2", id: "r-2"), ["1": 0, "2": 0])
        #expect(result?.lines.map(\.code) == [.refundInProgress, .eligible])
        #expect(result?.lines.first?.rules == [])
        #expect(usage("1", ["1": 0, "2": 0]).map(\.caseID) == (waiting ? ["r-1"] : []))
    }

    @Test("answers at once when the only unknown line is another's")
    mutating func unknownElsewhere() {
        _ = receive(.of("1"))
        #expect(receive(.of("1", id: "r-2"))?.lines.map(\.code) == [.refundInProgress])
    }

    static let endings: [(RefundOutcome.Status, Verdict, LineCode)] = [
        (.refunded, .eligible, .alreadyRefunded), (.partiallyRefunded, .eligible, .alreadyRefunded),
        (.partiallyRefunded, .denied, .eligible), (.denied, .denied, .eligible),
        (.actionRequired, .actionRequired, .eligible), (.inReview, .review, .refundInProgress),
        (.inReview, .denied, .eligible),
        (.settling, .eligible, .refundInProgress), (.advice, .eligible, .refundInProgress),
        (.settlementException, .eligible, .refundInProgress), (.denied, .eligible, .eligible),
    ]

    @Test("closes or frees by the final outcome", arguments: endings)
    mutating func ends(_ status: RefundOutcome.Status, _ verdict: Verdict, _ next: LineCode) {
        _ = receive(.of("1"), ["1": 0])
        let outcome = RefundOutcome.of(status, [("1", verdict)])
        for _ in 1...2 { _ = desk.take(outcome, product: .repository) }
        #expect(receive(.of("1", id: "r-2"), ["1": 0])?.lines.map(\.code) == [next])
    }

    @Test("leaves another request's hold and another product's lines alone")
    mutating func endsItsOwn() {
        _ = receive(.of("1"), ["1": 0])
        let other = RefundOutcome.of(.refunded, [("1", .eligible)], id: "r-9", product: .gateway)
        #expect(desk.take(other, product: .repository) == [])
        #expect(desk.holds("1"))
        #expect(desk.refunded.isEmpty)
        #expect(
            desk.take(.of(.refunded, [("1", .eligible)]), product: .repository) == ["1"])
        #expect(!desk.holds("1"))
        #expect(!desk.isEmpty)
    }

    @Test("tells a dry run what is known now, and remembers nothing of it")
    mutating func dryRun() {
        _ = receive(.of("1"), ["1": 0])
        _ = desk.take(.of(.refunded, [("0", .eligible)], id: "r-0"), product: .repository)
        let before = desk
        let advice = desk.advice(
            on: .of("0", "1", "2", "3", id: "r-2", dryRun: true), by: StubRules.self,
            facts: calls(["0": 0, "1": 0, "2": 0]))
        #expect(
            advice?.lines.map(\.code) == [
                .alreadyRefunded, .refundInProgress, .eligible, .usageUnknown,
            ])
        #expect(advice?.revision == 1)
        #expect(desk == before)
    }

    @Test("publishes an unconfirmed result again until it is confirmed")
    mutating func repeats() throws {
        _ = receive(.of("1"), ["1": 0])
        let revised = try #require(usage("1", ["1": 2]).first)
        #expect(wake([:], at: noon).isEmpty)
        let soon = noon.advanced(bySeconds: OrderDesk.repeatSeconds)
        #expect(wake([:], at: soon) == [revised])
        #expect(wake([:], at: soon).isEmpty, "not twice at once")
        var stale = revised
        stale.revision = 1
        desk.confirmed(stale)
        #expect(desk.wakeAt != nil)
        desk.confirmed(revised)
        #expect(desk.wakeAt == nil)
    }

    @Test("is stored and read as it was")
    mutating func stored() throws {
        _ = receive(.of("1"), ["1": 0])
        _ = usage("1", ["1": 2])
        _ = receive(.of("1", "2", id: "r-2"), ["1": 0])
        _ = desk.take(.of(.refunded, [("9", .eligible)], id: "r-9"), product: .repository)
        #expect(try OrderDesk.decode(desk.jsonBytes()) == desk)
        #expect(try OrderDesk.decode(OrderDesk().jsonBytes()).isEmpty)
    }
}
