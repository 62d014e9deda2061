import AMQP
import Database
import RefundMessages
import RefundService
import WorkerRuntime

/// `refund.reviews`: what operators decided. A decision that took effect is kept with its message id,
/// so that it is told when it comes again.
struct DecisionHandler: BatchHandler {
    let cases: any CaseHandling

    func handle(_ batch: [Incoming]) async throws -> Handled {
        let decoded = batch.map { incoming in
            Decoded(incoming, expecting: ReviewDecision.messageType, ReviewDecision.decode)
        }
        return try await cases.handle { session in
            let decisions = decoded.compactMap(\.value)
            try session.load(cases: decisions.map(\.requestID))
            try session.load(
                orders: decisions.compactMap { session.cases[$0.requestID]?.value.request.orderID })
            var changes = CaseBook.Changes(dispositions: [])
            for message in decoded {
                changes.dispositions.append(try decide(message, in: &session))
                if let decision = message.value { changes.touched.insert(decision.requestID) }
            }
            return changes
        }
    }

    private func decide(
        _ message: Decoded<ReviewDecision>, in session: inout CaseSession
    ) throws -> Disposition {
        do {
            let decision = try message.result.get()
            let key = decision.key(message.incoming.delivery.properties.messageID)
            if try isKnown(key, in: session) { return .done }
            guard session.cases[decision.requestID] != nil else {
                throw MessageFault(
                    .notInReview, path: "/requestId", "No request of that id is in review.")
            }
            let now = session.now
            try session.update(decision.requestID) {
                try $0.apply(decision, now: now)
                return []
            }
            try keep(decision, messageID: key, in: session)
            return .done
        } catch let fault as MessageFault {
            return .refused(fault)
        }
    }

    private func isKnown(_ messageID: String, in session: CaseSession) throws -> Bool {
        try !session.connection.query(
            "SELECT 1 FROM decisions WHERE message_id = $1", [.text(messageID)]
        ).isEmpty
    }

    private func keep(
        _ decision: ReviewDecision, messageID: String, in session: CaseSession
    ) throws {
        try session.connection.execute(
            """
            INSERT INTO decisions (message_id, case_id, document, decided_at)
            VALUES ($1, $2, $3, $4) ON CONFLICT (message_id) DO NOTHING
            """,
            [
                .text(messageID), .text(decision.requestID), .blob(decision.encode()),
                .integer(session.now.milliseconds),
            ])
    }
}

extension ReviewDecision {
    /// By what a decision is known that comes again: its message id; for one without, the same words
    /// are the same decision. Their hash, since PostgreSQL's keys are short and hold no U+0000.
    fileprivate func key(_ messageID: String?) -> String {
        guard let messageID, !messageID.utf8.contains(0) else {
            return "decision \(SHA256.hex(encode()))"
        }
        return messageID
    }
}
