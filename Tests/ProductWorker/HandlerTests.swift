import AMQP
import Database
import DatabaseSupport
import RefundMessages
import Telemetry
import Testing

@testable import ProductWorker
@testable import WorkerRuntime

/// The handlers over a real database.
@Suite("A product worker", .everyEngine, .timeLimit(.minutes(10)))
struct HandlerTests {
    @Test("judges by the highest version, whatever the order and repetition of the documents")
    func versions() async throws {
        let bench = try await Bench()
        _ = try await bench.usage(("1", 2, 1), ("1", 3, 0), ("1", 1, 7))
        _ = try await bench.usage(("1", 3, 5), ("1", 2, 1))
        #expect(try await bench.check(.of("1")).codes == [[.eligible]])
    }

    @Test("answers with the contract's properties, on the trace of the check")
    func properties() async throws {
        let bench = try await Bench()
        _ = try await bench.usage(("1", 1, 0))
        let message = try #require(try await bench.check(.of("1")).messages.first)
        #expect(message.exchange == "refund.results")
        #expect(message.routingKey == "repository")
        #expect(message.mandatory)
        let properties = message.properties
        #expect(properties.type == "refund.result.v1")
        #expect(properties.correlationID == "r-1")
        #expect(properties.appID == "repository")
        #expect(properties.messageID == "r-1:repository:1")
        #expect(properties.deliveryMode == 2)
        #expect(properties.contentType == "application/json")
        #expect(properties.timestamp == UInt64(noon.seconds))
        let trace = Incoming.trace.traceparent
        #expect(properties.headers?["traceparent"] == .string(Array(trace.utf8)))
    }

    @Test("waits, and answers the check when its document comes, on the request's trace")
    func waits() async throws {
        let bench = try await Bench()
        #expect(try await bench.check(.of("1", "2")).messages.isEmpty)
        #expect(try await bench.usage(("1", 1, 0)).messages.isEmpty)
        let handled = try await bench.usage(("2", 1, 1))
        #expect(try handled.codes == [[.eligible, .inUse]])
        guard case .string(let header) = handled.messages[0].properties.headers?["traceparent"]
        else { return #expect(Bool(false), "no traceparent") }
        let trace = try #require(TraceContext(traceparent: header))
        #expect(trace.traceID == Incoming.trace.traceID)
        #expect(trace.parentID != Incoming.trace.parentID)
    }

    @Test("answers usage_unknown when the wait is over, and revises when the document comes")
    func unknown() async throws {
        let bench = try await Bench()
        _ = try await bench.check(.of("1"))
        bench.clock.advance(bySeconds: 59)
        #expect(try await bench.sweep().isEmpty)
        bench.clock.advance(bySeconds: 1)
        let results = try await bench.sweep()
        #expect(results.map { $0.lines.map(\.code) } == [[.usageUnknown]])
        #expect(try await bench.sweep().isEmpty, "it was confirmed")
        let revised = try await bench.usage(("1", 1, 0))
        #expect(try revised.results.map(\.revision) == [2])
        #expect(try revised.codes == [[.eligible]])
    }

    @Test("publishes a revised result again until its publishing was confirmed")
    func unconfirmed() async throws {
        let bench = try await Bench()
        _ = try await bench.usage(("1", 1, 0))
        _ = try await bench.check(.of("1"))
        let lost = try await bench.usage(("1", 2, 1))
        #expect(try await bench.usage(("1", 2, 1)).messages.isEmpty, "its redelivery is ignored")
        bench.clock.advance(bySeconds: OrderDesk.repeatSeconds)
        #expect(try await bench.sweep(confirms: false) == lost.results)
        bench.clock.advance(bySeconds: OrderDesk.repeatSeconds)
        #expect(try await bench.sweep() == lost.results)
        bench.clock.advance(bySeconds: OrderDesk.repeatSeconds)
        #expect(try await bench.sweep().isEmpty)
    }

    @Test("leaves a confirmed result alone")
    func confirmed() async throws {
        let bench = try await Bench()
        _ = try await bench.usage(("1", 1, 0))
        _ = try await bench.check(.of("1"))
        try await bench.usage(("1", 2, 1)).afterConfirm?([])
        bench.clock.advance(bySeconds: OrderDesk.repeatSeconds)
        #expect(try await bench.sweep().isEmpty)
    }

    @Test("puts a check off while another request holds its line, and then denies it")
    func putOff() async throws {
        let bench = try await Bench()
        _ = try await bench.usage(("1", 1, 0))
        _ = try await bench.check(.of("1"))
        let second = RefundCheck.of("1", id: "r-2")
        let first = try await bench.check(second)
        guard case .wait = first.dispositions[0] else {
            return #expect(Bool(false), "\(first.dispositions)")
        }
        #expect(first.messages.isEmpty)
        bench.clock.advance(bySeconds: CheckHandler.patienceSeconds)
        let last = try await bench.check(second, waitingSince: noon)
        #expect(last.dispositions == [.done])
        #expect(try last.codes == [[.refundInProgress]])
    }

    @Test("gives the line to a check that was put off once the outcome has freed it")
    func freed() async throws {
        let bench = try await Bench()
        _ = try await bench.usage(("1", 1, 2))
        _ = try await bench.check(.of("1"))
        let second = RefundCheck.of("1", id: "r-2")
        _ = try await bench.check(second)
        try await bench.outcome(.of(.denied, [("1", .denied)]))
        #expect(try await bench.check(second, waitingSince: noon).codes == [[.meteredUsage]])
    }

    @Test("gives a check that comes again the latest result, and holds nothing twice")
    func redelivered() async throws {
        let bench = try await Bench()
        _ = try await bench.usage(("1", 1, 0))
        let first = try await bench.check(.of("1"), .of("1"))
        #expect(try first.results.map(\.revision) == [1, 1])
        _ = try await bench.usage(("1", 2, 2))
        #expect(try await bench.check(.of("1")).results.map(\.revision) == [2])
    }

    @Test("holds nothing for a check whose outcome came before it, or which comes after it")
    func finished() async throws {
        let bench = try await Bench()
        _ = try await bench.usage(("1", 1, 0))
        try await bench.outcome(.of(.denied, [("1", .denied)]))
        let late = try await bench.check(.of("1"))
        #expect(late.dispositions == [.done])
        #expect(late.messages.isEmpty)
        #expect(try await bench.check(.of("1", id: "r-2")).codes == [[.eligible]])
    }

    @Test("closes refunded lines for good, also when the outcome comes again")
    func closed() async throws {
        let bench = try await Bench()
        _ = try await bench.usage(("1", 1, 0), ("2", 1, 1))
        _ = try await bench.check(.of("1", "2"))
        let outcome = RefundOutcome.of(.partiallyRefunded, [("1", .eligible), ("2", .denied)])
        try await bench.outcome(outcome, outcome)
        try await bench.outcome(outcome)
        #expect(
            try await bench.usage(("1", 2, 1), ("2", 2, 0)).codes == [[.inUse, .inUse]],
            "usage of a refunded line is told, for the alert")
        #expect(
            try await bench.check(.of("1", "2", id: "r-2")).codes == [
                [.alreadyRefunded, .eligible]
            ])
    }

    @Test(
        "ignores outcomes that are not final, and advice, whose id means nothing",
        arguments: [RefundOutcome.Status.inReview, .settling, .settlementException, .advice])
    func notFinal(_ status: RefundOutcome.Status) async throws {
        let bench = try await Bench()
        _ = try await bench.usage(("1", 1, 0))
        _ = try await bench.check(.of("1"))
        try await bench.outcome(.of(status, [("1", .eligible)]))
        #expect(
            try await bench.check(.of("1", id: "r-2"), waitingSince: noon.advanced(bySeconds: -9))
                .codes == [[.refundInProgress]])
    }

    @Test("remembers nothing of a dry run, and answers it at once")
    func dryRun() async throws {
        let bench = try await Bench()
        _ = try await bench.usage(("1", 1, 0))
        #expect(
            try await bench.check(.of("1", "2", dryRun: true)).codes == [
                [.eligible, .usageUnknown]
            ])
        let rows = try await bench.database.read { try $0.query("SELECT 1 FROM orders", []) }
        #expect(rows.isEmpty)
        #expect(try await bench.check(.of("1")).codes == [[.eligible]])
    }

    @Test("forgets finished cases after their memory, and keeps no empty desk")
    func forgets() async throws {
        let bench = try await Bench()
        _ = try await bench.usage(("1", 1, 1))
        _ = try await bench.check(.of("1"))
        try await bench.outcome(.of(.denied, [("1", .denied)]))
        let count = { @Sendable (table: String) in
            try await bench.database.read {
                try $0.query("SELECT count(*) FROM \(table)", [])[0].integer(0)
            }
        }
        #expect(try await count("orders") == 0)
        bench.clock.advance(bySeconds: FinishedCases.memorySeconds)
        _ = try await bench.sweep()
        #expect(try await count("finished") == 1)
        bench.clock.advance(bySeconds: 1)
        _ = try await bench.sweep()
        #expect(try await count("finished") == 0)
    }

    @Test("marks every authority of a refunded line refunded, then and later (PCA-4)")
    func authorities() async throws {
        let bench = try await Bench(StubAuthorityRules.self)
        let facts = { (version: Int64) in
            Usage(
                orderID: "o-1", lineID: "1", version: version,
                facts: .pca(
                    PCAUsage(authorities: [
                        AuthorityFacts(
                            authorityID: "a", kind: .root, region: "x", status: .unused),
                        AuthorityFacts(
                            authorityID: "b", kind: .intermediate, region: "x", status: .reset,
                            resetAt: noon),
                    ])))
        }
        let statuses = { @Sendable in
            try await bench.database.read { connection -> [AuthorityFacts.Status] in
                let known = try FactsStore(connection: connection, product: .pca)
                    .load([LineKey(orderID: "o-1", lineID: "1")])
                guard case .pca(let usage) = known["o-1"]?["1"] else { return [] }
                return usage.authorities.map(\.status)
            }
        }
        let handler = FactsHandler(context: bench.context)
        _ = try await handler.handle([.of(facts(1).encode())])
        _ = try await bench.check(.of("1", product: .pca))
        #expect(try await statuses() == [.unused, .reset])
        try await bench.outcome(.of(.refunded, [("1", .eligible)], product: .pca))
        #expect(try await statuses() == [.refunded, .refunded])
        _ = try await handler.handle([.of(facts(2).encode())])
        #expect(try await statuses() == [.refunded, .refunded])
    }
}
