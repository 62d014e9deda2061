import Database
import DatabaseSupport
import RefundMessages
import Testing

@testable import Orchestrator

@Suite("The ledger is proved against the cases", .timeLimit(.minutes(5)))
struct LedgerVerifierTests {
    /// Leg p-1 went over the balance, p-2 is in exception.
    private func rig() async throws -> OrchestratorRig {
        let rig = try await OrchestratorRig()
        try await rig.settle(cards: "card_closed_1", "card_disputed_2")
        return rig
    }

    @Test(
        .everyEngine,
        arguments: [
            ("card_ok", "card_closed"), ("card_reversed", "card_fails_later"),
            ("card_timeout", "card_unknown"), ("card_5xx", "card_pending"),
        ])
    func `whatever the cards do, everything agrees`(_ cards: (String, String)) async throws {
        let rig = try await OrchestratorRig()
        try await rig.settle(cards: cards.0, cards.1)
        for rows in [Int64(1), 2, 500] { #expect(try await rig.discrepancy(rows: rows) == nil) }
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        var sql: [String]
        var code: LedgerDiscrepancy.Code
        /// Part of the subject and detail together.
        var names: [String]
        var testDescription: String { "\(code.rawValue): \(sql.joined(separator: "; "))" }

        init(_ sql: String..., code: LedgerDiscrepancy.Code, names: String...) {
            self.sql = sql
            self.code = code
            self.names = names
        }
    }

    private static func posting(
        _ leg: String, _ transition: String, _ attempt: Int = 0, _ debit: String = "payable",
        _ credit: String = "provider:sandbox", _ amount: Int = 60
    ) -> String {
        """
        INSERT INTO ledger VALUES ('\(leg)', '\(transition)', \(attempt), '\(debit)', '\(credit)',
            \(amount), 'USD', 1)
        """
    }

    static let damages: [Damage] = [
        Damage(
            "DELETE FROM ledger WHERE transition = 'credited'", code: .postingMissing,
            names: "leg r-1/p-1", "1 credited", "the ledger 0"),
        Damage(
            "DELETE FROM ledger WHERE leg_id = 'r-1/p-2'", code: .postingMissing,
            names: "leg r-1/p-2", "1 decided"),
        Damage(
            posting("r-1/p-2", "succeeded"), code: .postingUnexpected,
            names: "leg r-1/p-2", "0 succeeded, the ledger 1"),
        Damage(
            posting("r-1/p-2", "released", 0, "payable", "refunds"), code: .postingMissing,
            names: "leg r-1/p-2", "owed 1 times"),
        Damage(
            posting("r-1/p-2", "written_off", 0, "refunds", "payable"), code: .postingUnexpected,
            names: "leg r-1/p-2", "2 times"),
        Damage(
            posting("r-1/p-2", "gift"), code: .postingUnexpected,
            names: "leg r-1/p-2", "gift 0"),
        Damage(
            posting("r-1/p-2", "decided", 7, "refunds", "payable"), code: .postingUnexpected,
            names: "decided 7"),
        Damage(
            "UPDATE ledger SET amount = 199 WHERE transition = 'credited'", code: .postingDiffers,
            names: "leg r-1/p-1", "199 USD", "200 USD"),
        Damage(
            "UPDATE ledger SET currency = 'EUR' WHERE transition = 'credited'",
            code: .postingDiffers, names: "200 EUR"),
        Damage(
            "UPDATE ledger SET credit = 'customer:a-2' WHERE transition = 'credited'",
            code: .postingDiffers, names: "to customer:a-2", "to customer:a-1"),
        Damage(
            "UPDATE ledger SET debit = 'refunds' WHERE transition = 'credited'",
            code: .postingDiffers, names: "from refunds", "from payable"),
        Damage(
            posting("r-1/p-9", "decided"), code: .postingOrphan, names: "leg r-1/p-9"),
        Damage(posting("r-9/p-1", "decided"), code: .postingOrphan, names: "leg r-9/p-1"),
        Damage(
            "DELETE FROM takings WHERE payment_id = 'p-1'", code: .takingMissing,
            names: "request r-1", "payment p-1", "must be 200"),
        Damage(
            "INSERT INTO takings VALUES ('o-1', 'p-9', 'r-1', 5)", code: .takingUnexpected,
            names: "payment p-9", "is 5"),
        Damage(
            "UPDATE takings SET amount = 59 WHERE payment_id = 'p-2'", code: .takingDiffers,
            names: "payment p-2", "is 59", "must be 60"),
        Damage(
            "INSERT INTO takings VALUES ('o-1', 'p-1', 'r-9', 5)", code: .takingOrphan,
            names: "payment p-1 of order o-1", "r-9"),
        Damage(
            "INSERT INTO orders SELECT 'o-9', version, document FROM orders",
            "INSERT INTO takings VALUES ('o-9', 'p-1', 'r-1', 5)", code: .takingOrphan,
            names: "order o-9", "r-1"),
        Damage(
            "DELETE FROM claims WHERE line_id = 'g'", code: .claimMissing,
            names: "request r-1 on line g"),
        Damage(
            "INSERT INTO claims VALUES ('o-1', 'x', 'r-1', 'open')", code: .claimUnexpected,
            names: "line x"),
        Damage(
            "UPDATE claims SET state = 'refunded' WHERE line_id = 'n'", code: .claimDiffers,
            names: "line n", "is refunded", "must be open"),
        Damage(
            "INSERT INTO claims VALUES ('o-1', 'x', 'r-9', 'open')", code: .claimOrphan,
            names: "line x of order o-1", "r-9"),
        Damage(
            "DELETE FROM exceptions", code: .exceptionUnlisted, names: "leg r-1/p-2", "disputed"),
        Damage(
            "UPDATE exceptions SET leg_id = 'r-1/p-1'", code: .exceptionUnexpected,
            names: "leg r-1/p-1"),
        Damage(
            "UPDATE exceptions SET reason = 'amount_mismatch'", code: .exceptionUnexpected,
            names: "leg r-1/p-2", "amount_mismatch", "disputed"),
        Damage(
            "DELETE FROM orders", code: .orderMissing, names: "order o-1", "payment p-1"),
        Damage(
            "UPDATE orders SET document = x'7b'", code: .orderUnreadable, names: "order o-1"),
        Damage(
            "UPDATE cases SET state = x'7b'", code: .caseUnreadable, names: "request r-1"),
        Damage(
            "UPDATE cases SET order_id = 'o-9'", code: .caseUnreadable, names: "request r-1"),
    ]

    @Test(arguments: damages)
    func `damage is named`(_ damage: Damage) async throws {
        let rig = try await rig()
        try await rig.database.write { connection in
            try connection.execute("DROP TRIGGER ledger_no_update", [])
            try connection.execute("DROP TRIGGER ledger_no_delete", [])
            for statement in damage.sql { try connection.execute(statement, []) }
        }
        let found = try #require(try await rig.discrepancy())
        #expect(found.code == damage.code)
        let text = "\(found.subject): \(found.detail)"
        for name in damage.names { #expect(text.contains(name), "\(text)") }
    }

    @Test func `a payment is never posted and held beyond its cash`() async throws {
        let rig = try await rig()
        var order = CaseSamples.order()
        order.payments[0].cash = 199
        order.payments[1].cash = 61
        try await rig.replace(order)
        let found = try #require(try await rig.discrepancy())
        #expect(found.code == .paymentOverdrawn)
        #expect(found.subject == "payment p-1 of order o-1")
        #expect(found.detail == "200 is posted and held of its cash of 199")
        order.payments.removeFirst()
        order.payments[0].cash = 260
        try await rig.replace(order)
        #expect(try await rig.discrepancy()?.code == .paymentUnknown)
    }

    @Test func `a posting that the balances do not see is found`() async throws {
        let rig = try await rig()
        // As an index of a damaged file: it lacks the row of the credit.
        try await rig.database.write { connection in
            func run(_ sql: String) throws { try connection.execute(sql, []) }
            try run("DROP TRIGGER ledger_no_delete")
            try run("CREATE TEMP TABLE kept AS SELECT * FROM ledger WHERE transition = 'credited'")
            try run("DELETE FROM ledger WHERE transition = 'credited'")
            try run("PRAGMA writable_schema = ON")
            try run(
                """
                UPDATE sqlite_master SET sql = replace(sql, 'LIKE ''customer:%', 'LIKE ''nobody:%')
                WHERE name = 'ledger_credited'
                """)
            try run("PRAGMA writable_schema = RESET")
            try run("INSERT INTO ledger SELECT * FROM kept")
            try run("PRAGMA writable_schema = ON")
            try run(
                """
                UPDATE sqlite_master SET sql = replace(sql, 'LIKE ''nobody:%', 'LIKE ''customer:%')
                WHERE name = 'ledger_credited'
                """)
            try run("PRAGMA writable_schema = RESET")
        }
        let found = try #require(try await rig.discrepancy())
        #expect(found.code == .balancesDiffer)
        #expect(found.detail.contains("have 0 together") && found.detail.contains("have 200"))
    }

    @Test func `more paid than owed is found unless an exception says so`() throws {
        var value = CaseSamples.opened()
        value.take(CaseSamples.result(.gateway, CaseSamples.gatewayEligible))
        value.take(CaseSamples.result(.notifications, CaseSamples.notificationsEligible))
        value.pay()
        let postings = value.legs.flatMap { leg in
            [LedgerTransition.decided, .succeeded, .credited].filter {
                $0 != .credited || leg.paymentID == "p-1"
            }.map { LedgerPosting($0, of: leg, in: value) }
        }
        value.legs[0].books.credited = 1
        let fault = #expect(throws: LedgerDiscrepancy.self) { try value.checkPostings(postings) }
        #expect(fault?.code == .overpaidUnnoticed)
        #expect(fault?.subject == "leg r-1/p-1")
        value.legs[0].state = .exception
        value.legs[0].exceptionReason = .doublePayout
        #expect(throws: Never.self) { try value.checkPostings(postings) }
    }

    @Test(arguments: ["UPDATE ledger SET amount = 1", "DELETE FROM ledger"])
    func `nobody changes a posting`(_ change: String) async throws {
        let rig = try await rig()
        let error = await #expect(throws: DatabaseError.self) {
            try await rig.database.write { try $0.execute(change, []) }
        }
        #expect(error?.message.contains("ledger can only be added to") == true)
    }
}

extension OrchestratorRig {
    fileprivate func replace(_ order: OrderPaid) async throws {
        try await database.write {
            try $0.execute("UPDATE orders SET document = $1", [.blob(order.encode())])
        }
    }
}

extension LedgerPosting {
    fileprivate init(_ transition: LedgerTransition, of leg: Leg, in value: RefundCase) {
        let transfer = LedgerTransfer(
            transition, of: leg, legID: value.legID(of: leg), accountID: "a-1", currency: "USD",
            at: CaseSamples.now)
        self.init(
            legID: transfer.legID, transition: transition.rawValue,
            attempt: Int64(transfer.attempt), debit: transfer.debit.name,
            credit: transfer.credit.name, amount: transfer.amount, currency: "USD",
            postedAt: CaseSamples.now)
    }
}
