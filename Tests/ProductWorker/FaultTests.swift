import RefundMessages
import Testing

@testable import ProductWorker
@testable import WorkerRuntime

@Suite("Messages that cannot be processed", .timeLimit(.minutes(10)))
struct FaultTests {
    enum Queue: CaseIterable { case facts, checks, outcomes }

    static let bodies: [(String, String, String?)] = [
        ("", "malformed_json", nil), ("{", "malformed_json", nil), ("[]", "invalid_message", ""),
        (String(repeating: "[", count: 17), "too_deep", nil),
    ]

    @Test("become dead letters without hurting their neighbours", arguments: Queue.allCases, bodies)
    func faults(_ queue: Queue, _ fault: (String, String, String?)) async throws {
        let bench = try await Bench()
        _ = try await bench.usage(("1", 1, 0))
        let good: [UInt8]
        let handler: any BatchHandler
        switch queue {
        case .facts:
            good = Usage(
                orderID: "o-1", lineID: "1", version: 2, facts: .repository(apiCallsConsumed: 0)
            ).encode()
            handler = FactsHandler(context: bench.context)
        case .checks:
            good = RefundCheck.of("1").encode()
            handler = CheckHandler(context: bench.context)
        case .outcomes:
            good = RefundOutcome.of(.denied, [("1", .denied)]).encode()
            handler = OutcomeHandler(context: bench.context)
        }
        let handled = try await handler.handle([
            .of(good), .of(Array(fault.0.utf8)), .of(good, type: "refund.other.v1"),
        ])
        try #require(handled.dispositions.count == 3)
        #expect(handled.dispositions[0] == .done)
        let letters = handled.dispositions.dropFirst().map { disposition in
            if case .deadLetter(let letter) = disposition { letter } else { nil as DeadLetter? }
        }
        #expect(letters[0]?.reason == fault.1)
        if let path = fault.2 { #expect(letters[0]?.path == path) }
        #expect(letters[1]?.reason == "unsupported_type")
    }

    @Test("are also checks for another product, and usage documents of another")
    func otherProduct() async throws {
        let bench = try await Bench()
        let check = try await bench.check(.of("1", product: .gateway))
        guard case .deadLetter(let letter) = check.dispositions[0] else {
            return #expect(Bool(false), "\(check.dispositions)")
        }
        #expect(letter.reason == "invalid_message")
        #expect(letter.path == "/product")
        let usage = try await FactsHandler(context: bench.context).handle([
            .of(
                Usage(
                    orderID: "o-1", lineID: "1", version: 1,
                    facts: .repository(apiCallsConsumed: 0)
                ).encode(), type: "usage.gateway.v1")
        ])
        guard case .deadLetter(let other) = usage.dispositions[0] else {
            return #expect(Bool(false), "\(usage.dispositions)")
        }
        #expect(other.reason == "unsupported_type")
    }
}
