import Database
import RefundMessages
import RefundService

/// The sandbox's record of one refund.
struct SandboxRefund: Sendable, Hashable {
    let key: String
    let paymentReference: String
    let amount: Int64
    let currency: String
    /// The sandbox's id of it.
    let reference: String
    var calls: Int64 = 0
    /// Nil until a call had an effect.
    var status: SandboxStatus?
    var later: SandboxStatus?
    var turnsAt: Instant?

    /// The leg's id: a key without the number of a further attempt.
    var legID: String { String(key.prefix { $0 != "#" }) }

    init(_ refund: ProviderRefund) {
        key = refund.key
        paymentReference = refund.paymentReference
        amount = refund.amount
        currency = refund.currency
        reference = "re_" + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    /// One call under this key: the first that has an effect makes the refund.
    mutating func call(_ behaviour: SandboxBehaviour, now: Instant) -> ProviderAnswer {
        calls += 1
        if calls <= behaviour.refusals {
            return behaviour == .rateLimited
                ? .notNow(.rateLimited, retryAfter: nil) : .unknown(.serverError(500))
        }
        if status == nil {
            let made = behaviour.made
            status = made.status
            later = made.later
            turnsAt = made.later.map { _ in now.advanced(bySeconds: SandboxProvider.turnSeconds) }
        }
        switch behaviour {
        case .timeout where calls == 1: return .unknown(.noAnswer)
        case .unknown: return .unknown(.noAnswer)
        default: return answer
        }
    }

    var answer: ProviderAnswer {
        let object = RefundObject(reference: reference, amount: amount, currency: currency)
        return switch status {
        case nil: .notFound
        case .pending: .pending(object)
        case .succeeded: .succeeded(object)
        case .failed(let reason): .failed(reason: reason, object)
        }
    }
}

extension SandboxRefund {
    private static let columns =
        "refund_key, payment_reference, amount, currency, reference, calls, status, later, turns_at"
    private static let load = RowStatement.select(
        columns, from: "refunds", where: "refund_key = $1", .text, locking: true)
    private static let insertion = RowStatement.insert(
        into: "refunds",
        [
            "refund_key": .text, "payment_reference": .text, "amount": .integer,
            "currency": .text, "reference": .text, "calls": .integer, "status": .text,
            "later": .text, "turns_at": .integer,
        ], "ON CONFLICT (refund_key) DO NOTHING")
    private static let change = RowStatement.update(
        "refunds", set: "calls = $2, status = $3, later = $4, turns_at = $5",
        where: "refund_key = $1", .text, .integer, .text, .text, .integer)

    /// Those of the keys that there are, locked in one order for all.
    static func find(
        _ keys: Set<String>, in connection: any SQLConnection
    ) throws -> [String: SandboxRefund] {
        try connection.query(load, keys.sorted().map { [.text($0)] })
            .reduce(into: [:]) { found, rows in
                guard let refund = try rows.first.map(Self.init) else { return }
                found[refund.key] = refund
            }
    }

    /// The refunds whose time to turn has come.
    static func turning(
        by now: Instant, limit: Int64, in connection: any SQLConnection
    ) throws -> [SandboxRefund] {
        try connection.query(
            """
            SELECT \(columns) FROM refunds WHERE turns_at <= $1
            ORDER BY turns_at, refund_key LIMIT $2\(connection.forUpdate)
            """,
            [.integer(now.milliseconds), .integer(limit)]
        ).map(Self.init)
    }

    private init(_ row: SQLRow) throws {
        key = try row.text(0)
        paymentReference = try row.text(1)
        amount = try row.integer(2)
        currency = try row.text(3)
        reference = try row.text(4)
        calls = try row.integer(5)
        status = try row.optionalText(6).map(SandboxStatus.init(name:))
        later = try row.optionalText(7).map(SandboxStatus.init(name:))
        turnsAt = row.values[8] == .null ? nil : Instant(milliseconds: try row.integer(8))
    }

    /// - Throws: ``Overtaken`` where another call made one of them first.
    static func insert(_ new: [SandboxRefund], in connection: any SQLConnection) throws {
        let count = try connection.execute(
            insertion,
            new.map { refund in
                [
                    .text(refund.key), .text(refund.paymentReference), .integer(refund.amount),
                    .text(refund.currency), .text(refund.reference),
                ] + refund.changing
            })
        guard count == new.count else { throw Overtaken() }
    }

    static func update(_ called: [SandboxRefund], in connection: any SQLConnection) throws {
        try connection.execute(change, called.map { [.text($0.key)] + $0.changing })
    }

    /// `calls, status, later, turns_at`
    private var changing: [SQLValue] {
        [
            .integer(calls), status.map { .text($0.name) } ?? .null,
            later.map { .text($0.name) } ?? .null, .time(turnsAt),
        ]
    }

    /// Notes that the turn was told, unless another instance tells it by now.
    func told(in connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE refunds SET turns_at = NULL WHERE refund_key = $1 AND turns_at = $2",
            [.text(key), .time(turnsAt)])
    }
}
