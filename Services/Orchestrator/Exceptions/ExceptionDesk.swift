import AMQP
import Database
import Logging
import RefundMessages
import WorkerRuntime

/// Does what operators want of exceptions, each wish once, and keeps who wanted it and why.
struct ExceptionDesk: Sendable {
    /// Characters (Unicode scalars) of a note.
    static let noteLength = 1...500
    /// Characters of an idempotency key: letters, digits and `._:-`.
    static let keyLength = 1...128

    let book: CaseBook
    let publisher: any MessagePublisher
    let limit: SecondPersonLimit
    let settlement: SettlementLimits

    /// An operator's wish.
    struct Wish: Sendable, Hashable {
        var action: ExceptionAction
        var caseID: String
        var paymentID: String
        var note: String
        /// The same again is the same wish.
        var idempotencyKey: String
        var by: Principal

        var legID: String { "\(caseID)/\(paymentID)" }
    }

    /// What became of a wish.
    enum Answer: Sendable, Hashable {
        case done
        case proposed
        case refused(ExceptionRefusal)
        /// No leg of that id.
        case unknown
    }

    /// Commits the wish with its audit, and only then publishes what follows from it; what cannot be
    /// published now the sweeper sends.
    func act(on wish: Wish) async throws -> Answer {
        let (handled, answer) = try await book.handle(finding: { session in
            (CaseBook.Changes(dispositions: [], touched: [wish.caseID]), try decide(wish, &session))
        })
        do {
            let outcomes = try await publisher.publish(handled.messages)
            let refused = outcomes.indices.filter { outcomes[$0] != .confirmed }
            try await handled.afterConfirm?(Set(refused))
        } catch {
            book.logger.warning(
                "what follows from an operator's action is not published yet",
                metadata: ["leg_id": .string(wish.legID), "error": .string("\(error)")])
        }
        return answer
    }

    private func decide(_ wish: Wish, _ session: inout CaseSession) throws -> Answer {
        try session.load(cases: [wish.caseID])
        guard let value = session.cases[wish.caseID]?.value, let currency = value.terms?.currency,
            let leg = value.legs.first(where: { $0.paymentID == wish.paymentID })
        else { return .unknown }
        var audit = OperatorAudit(wish, of: leg, currency: currency, at: session.now)
        if let earlier = try OperatorAudit.of(key: wish.idempotencyKey, in: session.connection) {
            guard earlier.repeats(audit) else { return .refused(.keyReused) }
            return earlier.stage == .done ? .done : .proposed
        }
        let decision = ExceptionDecision.on(
            wish.action, of: leg, by: wish.by.name,
            proposal: try ExceptionProposal.of(wish.legID, in: session.connection),
            needsSecond: limit.needsSecond(leg.amount, currency))
        switch decision {
        case .refuse(let refusal):
            return .refused(refusal)
        case .propose:
            audit.stage = .proposed
            try audit.insert(in: session.connection)
            try ExceptionProposal(wish, at: session.now)
                .save(of: wish.legID, in: session.connection)
            return .proposed
        case .perform:
            try audit.insert(in: session.connection)
            try session.connection.execute(
                "DELETE FROM proposals WHERE leg_id = $1", [.text(wish.legID)])
            try session.load(orders: [value.request.orderID])
            let now = session.now
            try session.update(wish.caseID) { value in
                try value.apply(
                    wish.action.event(by: wish.by.name), to: wish.legID, now: now,
                    limits: settlement
                ).effects
            }
            return .done
        }
    }
}

extension OperatorAudit {
    fileprivate init(_ wish: ExceptionDesk.Wish, of leg: Leg, currency: String, at now: Instant) {
        self.init(
            idempotencyKey: wish.idempotencyKey, legID: wish.legID, action: wish.action,
            stage: .done, operatorName: wish.by.name, isProven: wish.by.isProven, note: wish.note,
            reason: leg.exceptionReason?.rawValue ?? "", amount: leg.amount, currency: currency,
            at: now)
    }
}

extension ExceptionProposal {
    fileprivate init(_ wish: ExceptionDesk.Wish, at now: Instant) {
        self.init(
            action: wish.action, operatorName: wish.by.name, isProven: wish.by.isProven,
            note: wish.note, at: now, idempotencyKey: wish.idempotencyKey)
    }
}
