import AMQP
import Database
import DatabaseSupport
import RefundMessages
import Telemetry
import Testing

@testable import Orchestrator
@testable import WorkerRuntime

/// Two processes of the orchestrator share its queues and its database. What both get at once has its
/// effect once.
@Suite("Two orchestrators", .everyEngine, .timeLimit(.minutes(10)))
struct InstancesTests {
    private static let rounds = 40

    private func pair(
        providers: [PaymentProviderName: any PaymentProvider]? = nil
    ) async throws -> [OrchestratorRig] {
        let first = try await OrchestratorRig(providers: providers)
        return [first, try await OrchestratorRig(providers: providers, beside: first)]
    }

    /// An order and a request of one line for 160, of that number.
    private func order(_ number: Int, version: Int64 = 1) -> OrderPaid {
        var order = CaseSamples.order()
        order.orderID = "o-\(number)"
        order.version = version
        return order
    }

    private func request(_ number: Int) -> RefundRequest {
        var request = CaseSamples.request(lines: ["g"])
        request.requestID = "r-\(number)"
        request.orderID = "o-\(number)"
        return request
    }

    private func result(_ number: Int) -> RefundResult {
        RefundResult(
            caseID: "r-\(number)", requestID: "r-\(number)", orderID: "o-\(number)",
            product: .gateway, revision: 1, lines: [CaseSamples.gatewayEligible])
    }

    /// Delivers the same to both at once; what both published.
    private func deliver(
        _ exchange: String, _ key: String, _ body: [UInt8], to rigs: [OrchestratorRig]
    ) async throws -> [OutgoingMessage] {
        async let first = rigs[0].deliver(exchange, key, body, messageID: "m").messages
        async let second = rigs[1].deliver(exchange, key, body, messageID: "m").messages
        return try await first + second
    }

    @Test func `open one case for a request, decide it once and pay it once`() async throws {
        let rigs = try await pair()
        for number in 0..<Self.rounds {
            _ = try await deliver("refund.facts", "order", order(number).encode(), to: rigs)
            let checks = try await deliver(
                "refund.requests", "request", request(number).encode(), to: rigs)
            #expect(checks.allSatisfy { $0.exchange == "refund.checks" })
            let settles = try await deliver(
                "refund.results", "gateway", result(number).encode(), to: rigs)
            let settle = try #require(settles.first { $0.exchange == "refund.settlements" })
            let answers = try await deliver(
                settle.exchange, settle.routingKey, settle.body, to: rigs)
            let outcomes = try await rigs[0].carry(answers)
            #expect(outcomes.last?.status == .refunded)
        }
        #expect(try await rigs[0].sandboxCalls() == Array(repeating: 1, count: Self.rounds))
        #expect(try await rigs[0].discrepancy(rows: 500) == nil)
    }

    @Test func `keep the order's latest version, whichever comes first`() async throws {
        let rigs = try await pair()
        for number in 0..<Self.rounds {
            try await withThrowingTaskGroup { group in
                for version in Int64(1)...4 {
                    let body = order(number, version: version).encode()
                    group.addTask {
                        try await rigs[Int(version) % 2].deliver("refund.facts", "order", body)
                    }
                }
                try await group.waitForAll()
            }
        }
        let versions = try await rigs[0].database.read { connection in
            try connection.query("SELECT DISTINCT version FROM orders", [])
                .map { try $0.integer(0) }
        }
        #expect(versions == [4])
    }

    /// Where one finds nothing that it could lock, and the other then writes it. PostgreSQL alone:
    /// SQLite has one writer.
    @Test func `look again where the other opened the request first`() async throws {
        try await Engine.$current.withValue(.postgres) {
            let first = try await OrchestratorRig()
            let late = try await OrchestratorRig(beside: first, wrap: { PausedDatabase($0) })
            let database = try #require(late.database as? PausedDatabase)
            try await first.deliver("refund.facts", "order", order(1).encode())
            let body = request(1).encode()
            // After it looked for the case, before it looks at the order.
            database.pause(before: 2)
            async let second = late.deliver("refund.requests", "request", body)
            await database.reached()
            try await first.deliver("refund.requests", "request", body)
            database.release()
            #expect(try await second.messages.map(\.exchange) == ["refund.checks"])
            let results = try await first.deliver("refund.results", "gateway", result(1).encode())
            #expect(try await first.carry(results.messages).map(\.status) == [.refunded])
        }
    }

    @Test func `look again where the other stored the order first, and a refund stands on it`()
        async throws
    {
        try await Engine.$current.withValue(.postgres) {
            let first = try await OrchestratorRig()
            let late = try await OrchestratorRig(beside: first, wrap: { PausedDatabase($0) })
            let database = try #require(late.database as? PausedDatabase)
            var other = order(1, version: 2)
            other.accountID = "a-2"
            let body = other.encode()
            // After order, claims and takings were looked for, before it is written.
            database.pause(before: 4)
            async let second = late.deliver("refund.facts", "order", body)
            await database.reached()
            try await first.deliver("refund.facts", "order", order(1).encode())
            try await first.deliver("refund.requests", "request", request(1).encode())
            database.release()
            #expect(try await second.disposition.reason == "conflicts_with_refund")
        }
    }

    @Test func `send what is outstanding once`() async throws {
        let rigs = try await pair()
        for number in 0..<Self.rounds {
            try await rigs[0].deliver("refund.facts", "order", order(number).encode())
            try await rigs[0].deliver("refund.requests", "request", request(number).encode())
        }
        rigs[0].clock.advance(seconds: 31)
        async let first = rigs[0].sweep()
        async let second = rigs[1].sweep()
        let sent = try await first + second
        #expect(
            sent.compactMap(\.properties.messageID).sorted()
                == (0..<Self.rounds).map { "r-\($0):gateway" }.sorted())
    }

    @Test func `take a leg in hand one at a time, also while the other's call runs`() async throws {
        let provider = GatedProvider()
        let rigs = try await pair(providers: [.sandbox: provider])
        try await rigs[0].deliver("refund.facts", "order", order(1).encode())
        try await rigs[0].deliver("refund.requests", "request", request(1).encode())
        try await rigs[0].deliver("refund.results", "gateway", result(1).encode())
        let wish = LegWish(caseID: "r-1", legID: "r-1/p-1")
        async let first: Void = rigs[0].desk.take([wish])
        async let second: Void = rigs[1].desk.take([wish])
        _ = try await (first, second)
        await provider.wait(for: 1)
        // The message comes again to the other, as after a lost connection.
        _ = try await SettlementHandler(desk: rigs[1].desk).handle([
            .redelivered(SettleLeg(caseID: "r-1", legID: "r-1/p-1").encode())
        ])
        rigs[0].clock.advance(seconds: 14)
        _ = try await rigs[1].sweep()
        provider.open()
        _ = try await rigs[0].settle() + rigs[1].settle()
        #expect(provider.most == 1)
        #expect(try await rigs[1].discrepancy() == nil)
    }

    @Test func `get one refund from the sandbox for one key`() async throws {
        let rigs = try await pair()
        for number in 0..<Self.rounds {
            let refund = ProviderRefund(
                legID: "r-\(number)/p-1", paymentReference: "card_ok", amount: 160, currency: "USD")
            async let first = rigs[0].sandbox.refund(refund)
            async let second = rigs[1].sandbox.refund(refund)
            #expect(await first == second)
        }
    }

    /// The case of that number, with its one leg in exception.
    private func dispute(_ number: Int, at rig: OrchestratorRig) async throws {
        var order = order(number)
        order.payments[0].reference = "card_disputed_\(number)"
        try await rig.deliver("refund.facts", "order", order.encode())
        try await rig.deliver("refund.requests", "request", request(number).encode())
        let decided = try await rig.deliver("refund.results", "gateway", result(number).encode())
        _ = try await rig.carry(decided.messages)
        _ = try await rig.goOn(seconds: 15)
    }

    private func wish(_ number: Int, key: String) -> ExceptionDesk.Wish {
        ExceptionDesk.Wish(
            action: .close, caseID: "r-\(number)", paymentID: "p-1", note: "checked",
            idempotencyKey: key, by: OrchestratorRig.kim)
    }

    @Test func `do one wish under one idempotency key`() async throws {
        let rigs = try await pair()
        // Of one case they wait for each other; of two they do not.
        for number in 1...4 { try await dispute(number, at: rigs[0]) }
        let desks = try rigs.map { try $0.exceptionDesk() }
        for number in [1, 3] {
            let (one, other) = (
                wish(number, key: "k-\(number)"), wish(number + 1, key: "k-\(number)")
            )
            async let first = desks[0].act(on: one)
            async let second = desks[1].act(on: other)
            #expect(try await Set([first, second]) == [.done, .refused(.keyReused)])
        }
        #expect(try await rigs[0].audit().map(\.idempotencyKey).sorted() == ["k-1", "k-3"])
        #expect(try await rigs[0].exceptions().count == 2)
    }

    @Test func `do the same wish once`() async throws {
        let rigs = try await pair()
        try await dispute(1, at: rigs[0])
        let desks = try rigs.map { try $0.exceptionDesk() }
        let same = wish(1, key: "k")
        async let first = desks[0].act(on: same)
        async let second = desks[1].act(on: same)
        #expect(try await [first, second] == [.done, .done])
        #expect(try await rigs[0].audit().map(\.idempotencyKey) == ["k"])
        #expect(try await rigs[0].exceptions().isEmpty)
    }

    /// One has looked for the key and found nothing, and the other then uses it for another leg.
    @Test(arguments: [("10000", ExceptionDesk.Answer.done), ("0", .proposed)])
    func `look again where the other used the idempotency key first`(
        _ limit: String, _ answer: ExceptionDesk.Answer
    ) async throws {
        try await Engine.$current.withValue(.postgres) {
            let first = try await OrchestratorRig()
            let late = try await OrchestratorRig(beside: first, wrap: { PausedDatabase($0) })
            let database = try #require(late.database as? PausedDatabase)
            for number in 1...2 { try await dispute(number, at: first) }
            let desks = try [first, late].map { try $0.exceptionDesk(limit) }
            let (one, other) = (wish(1, key: "k"), wish(2, key: "k"))
            // After case, key and proposal were looked for, before the audit is written.
            database.pause(before: 4)
            async let second = desks[1].act(on: other)
            await database.reached()
            #expect(try await desks[0].act(on: one) == answer)
            database.release()
            #expect(try await second == .refused(.keyReused))
            #expect(try await first.audit().map(\.legID) == ["r-1/p-1"])
            let open = try await first.exceptions()
            #expect(open.map(\.legID).contains("r-2/p-1"))
            #expect(open.first { $0.legID == "r-2/p-1" }?.proposal == nil)
            #expect(try await first.discrepancy() == nil)
        }
    }

    @Test func `tell the sandbox's later news once`() async throws {
        let rigs = try await pair()
        for number in 0..<Self.rounds {
            _ = await rigs[0].sandbox.refund(
                ProviderRefund(
                    legID: "r-\(number)/p-1", paymentReference: "card_pending", amount: 1,
                    currency: "USD"))
        }
        rigs[0].clock.advance(seconds: 3)
        async let first = rigs[0].news()
        async let second = rigs[1].news()
        #expect(try await (first + second).count == Self.rounds)
    }
}

extension Incoming {
    fileprivate static func redelivered(_ body: [UInt8]) -> Incoming {
        let (exchange, key) = ("refund.settlements", "leg")
        return Incoming(
            delivery: Delivery(
                tag: 1, redelivered: true, exchange: exchange, routingKey: key,
                properties: MessageProperties(), body: body),
            queue: exchange, exchange: exchange, routingKey: key, attempts: 0, trace: .random())
    }
}
