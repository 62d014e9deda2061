import Database
import RefundMessages
import WorkerRuntime

extension CaseBook {
    /// Applies what providers answered, and says what to publish for it.
    func record(
        _ answers: [ProviderReply], limits: SettlementLimits, dispositions: [Disposition]
    ) async throws -> Handled {
        try await handle { session in
            try session.load(cases: answers.map(\.caseID))
            let now = session.now
            for reply in answers {
                try session.update(reply.caseID) {
                    $0.applyAnswer(reply.answer, to: reply.legID, now: now, limits: limits)
                }
            }
            return Changes(dispositions: dispositions, touched: Set(answers.map(\.caseID)))
        }
    }
}
