import Database
import RefundMessages
import Testing
import WorkerRuntime

@testable import Orchestrator

extension OrchestratorRig {
    static let kim = Principal(name: "kim", role: .operator, isProven: true)
    static let lee = Principal(name: "lee", role: .operator, isProven: false)

    /// An order of two lines over two payments by those cards, and a request of both lines, settled
    /// as far as it goes: legs `r-1/p-1` of 200 and `r-1/p-2` of 60.
    @discardableResult
    func settle(cards: String, _ second: String) async throws -> [RefundOutcome] {
        var order = CaseSamples.order()
        order.payments[0].reference = cards
        order.payments[1].reference = second
        try await deliver("refund.facts", "order", order.encode())
        let opened = try await deliver(
            "refund.requests", "request", CaseSamples.request().encode())
        let answers = [
            Product.gateway: CaseSamples.gatewayEligible,
            .notifications: CaseSamples.notificationsEligible,
        ]
        return try await carry(opened.messages, answers: answers) + goOn(seconds: 15)
    }

    /// Lets time pass, second by second, and carries what comes of it.
    func goOn(seconds: Int) async throws -> [RefundOutcome] {
        var outcomes: [RefundOutcome] = []
        for _ in 0..<seconds {
            clock.advance(seconds: 1)
            outcomes += try await carry(try await news())
            outcomes += try await carry(try await sweep())
        }
        return outcomes
    }

    /// An operator's wish, and the outcomes that come of it within a minute.
    func act(
        _ action: ExceptionAction, _ payment: String = "p-1", by principal: Principal = kim,
        note: String = "checked", key: String = "k-1", limit: String = "10000"
    ) async throws -> (answer: ExceptionDesk.Answer, outcomes: [RefundOutcome]) {
        let recorder = Recorder()
        let answer = try await exceptionDesk(limit, publisher: recorder).act(
            on: ExceptionDesk.Wish(
                action: action, caseID: "r-1", paymentID: payment, note: note,
                idempotencyKey: key, by: principal))
        let published = try await carry(recorder.take())
        return (answer, published + (try await goOn(seconds: 60)))
    }

    /// - Parameter limit: of minor units, above which a second person has to want the same.
    func exceptionDesk(
        _ limit: String = "10000", publisher: any MessagePublisher = Recorder()
    ) throws -> ExceptionDesk {
        ExceptionDesk(
            book: book, publisher: publisher, limit: try #require(SecondPersonLimit(limit)),
            settlement: CaseSamples.limits)
    }

    func exceptions() async throws -> [OpenException] {
        try await database.read {
            try OpenException.page(
                reason: nil, requestID: nil, after: nil, limit: 100, in: $0)
        }
    }

    func audit() async throws -> [OperatorAudit] {
        try await database.read { try OperatorAudit.page(before: nil, limit: 100, in: $0) }
            .reversed()
    }

    func balance() async throws -> Int64 {
        try await database.read { try Ledger.balances(of: "a-1", in: $0).first?.balance ?? 0 }
    }

    /// The first thing that does not agree.
    func discrepancy(rows: Int64 = 2) async throws -> LedgerDiscrepancy? {
        let verifier = LedgerVerifier(database: database, rows: rows)
        var place: LedgerVerifier.Place? = LedgerVerifier.Place(phase: .cases)
        while let next = place {
            let page = try await verifier.page(next)
            if let found = page.discrepancy { return found }
            place = page.next
        }
        return nil
    }
}
