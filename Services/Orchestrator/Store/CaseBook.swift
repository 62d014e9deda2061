import AMQP
import Database
import Logging
import Metrics
import RefundMessages
import RefundService
import WorkerRuntime

/// The way every handler changes cases: one transaction for a batch, then what is outstanding goes
/// out, and once that is confirmed it is noted down.
struct CaseBook: Sendable {
    /// Seconds after which messages that are outstanding still are sent again.
    static let redriveSeconds: Int64 = 30

    let database: any Database
    let dispatch: CaseDispatch
    let clock: @Sendable () -> Instant
    let logger: Logger

    /// What a batch made of the cases it touched.
    struct Changes: Sendable {
        /// One for each message of the batch.
        var dispositions: [Disposition]
        /// Cases whose outstanding messages go out.
        var touched: Set<String> = []
        /// Cases whose latest outcome goes out even if it did before: a request was repeated.
        var repeated: Set<String> = []
        /// Whether checks without a result go out: on the request itself, and when sweeping.
        var sendsChecks = false
    }

    /// What is kept of a session once its transaction is over.
    private struct Saved: Sendable {
        let cases: [String: RefundCase]
        let outcomes: [String: [RefundOutcome]]
        let alerts: [(caseID: String, alert: CaseAlert)]

        init(_ session: CaseSession) {
            cases = session.cases.mapValues(\.value)
            outcomes = session.outcomes
            alerts = session.alerts
        }
    }

    /// Runs `body` and saves in one transaction, and says what to publish for it.
    func handle(
        _ body: @escaping @Sendable (inout CaseSession) throws -> Changes
    ) async throws -> Handled {
        try await handle(finding: { session in (try body(&session), ()) }).0
    }

    /// The same, with what `body` found out besides.
    func handle<Found: Sendable>(
        finding body: @escaping @Sendable (inout CaseSession) throws -> (Changes, Found)
    ) async throws -> (Handled, Found) {
        let now = clock()
        let (changes, found, session) = try await database.transact { connection in
            var session = CaseSession(connection, now: now)
            let (changes, found) = try body(&session)
            try session.save(redrive: Self.redriveSeconds)
            return (changes, found, Saved(session))
        }
        for (caseID, alert) in session.alerts { raise(caseID, alert) }
        var messages: [OutgoingMessage] = []
        var published: [(outcomeAt: Int, value: RefundCase)] = []
        for caseID in changes.touched.union(changes.repeated).sorted() {
            guard var value = session.cases[caseID] else { continue }
            if changes.repeated.contains(caseID) { value.confirmedRevision = 0 }
            // The last of the new outcomes is outstanding itself.
            let earlier = (session.outcomes[caseID] ?? []).dropLast()
            let outstanding =
                earlier.map(OutstandingMessage.outcome)
                + value.outstanding(now: now, withChecks: changes.sendsChecks)
            if let position = outstanding.lastIndex(where: \.isOutcome) {
                published.append((messages.count + position, value))
            }
            messages += outstanding.map { dispatch.message($0, of: value, now: now) }
        }
        var handled = Handled(dispositions: changes.dispositions, messages: messages)
        if !published.isEmpty {
            handled.afterConfirm = { [published] refused in
                try await confirm(
                    published.filter { !refused.contains($0.outcomeAt) }.map(\.value), at: now)
            }
        }
        return (handled, found)
    }

    /// Notes that the broker has the outcomes; a dry run's case has done its work then. One that a
    /// subscriber's full queue refused stays outstanding, and the sweeper sends it again.
    ///
    /// A case that is done with comes back when one of its legs is to be asked for again. One whose
    /// time was changed meanwhile keeps it.
    private func confirm(_ published: [RefundCase], at now: Instant) async throws {
        let lasting = published.filter { !$0.isDryRun }.map { value in
            var confirmed = value
            confirmed.confirmedRevision = value.outcome?.revision ?? 0
            return [
                SQLValue.text(value.caseID), .integer(confirmed.confirmedRevision),
                .time(confirmed.due(now: now, redrive: Self.redriveSeconds)),
                .time(value.due(now: now, redrive: Self.redriveSeconds)),
            ]
        }
        let dryRuns = published.filter(\.isDryRun).map { [SQLValue.text($0.caseID)] }
        try await database.write { connection in
            try connection.execute(CaseStatements.confirm, lasting)
            try connection.execute(CaseStatements.forget, dryRuns)
        }
    }

    private func raise(_ caseID: String, _ alert: CaseAlert) {
        let kind: String
        var metadata: Logger.Metadata = ["request_id": .string(caseID)]
        switch alert {
        case .usedAfterRefund(let lineID):
            kind = "used_after_refund"
            metadata["line_id"] = .string(lineID)
        case .legException(let legID, let reason):
            kind = reason.rawValue
            metadata["leg_id"] = .string(legID)
        case .impossible(let legID, let trigger, let state):
            kind = "impossible_event"
            metadata["leg_id"] = .string(legID)
            metadata["event"] = .string("\(trigger.rawValue) in \(state.rawValue)")
        }
        Counter(label: "refund_alerts_total", dimensions: [("kind", kind)]).increment()
        metadata["alert"] = .string(kind)
        logger.error("an operator must act", metadata: metadata)
    }
}

extension OutstandingMessage {
    var isOutcome: Bool {
        if case .outcome = self { true } else { false }
    }
}
