import Database
import RefundMessages
import WorkerRuntime

extension CaseBook {
    /// Applies what providers answered, and says what to publish for it.
    func record(
        _ answers: [ProviderReply], limits: SettlementLimits, dispositions: [Disposition]
    ) async throws -> Handled {
        try await handle { session in
            try session.load(cases: answers.map(\.call.caseID))
            let now = session.now
            for reply in answers {
                try session.update(reply.call.caseID) {
                    try $0.apply(
                        .answer(reply.answer, to: reply.call.kind, attempt: reply.call.refund.attempt),
                        to: reply.call.refund.legID, now: now, limits: limits
                    ).effects
                }
            }
            return Changes(dispositions: dispositions, touched: Set(answers.map(\.call.caseID)))
        }
    }
}
