import Database
import RefundMessages
import WorkerRuntime

extension CaseHandling {
    /// Applies what providers answered, and says what to publish for it.
    func record(_ replies: [ProviderReply], limits: SettlementLimits) async throws -> Handled {
        try await handle { session in
            try session.load(cases: replies.map(\.call.caseID))
            let now = session.now
            for reply in replies {
                let call = reply.call
                try session.update(call.caseID) { value in
                    try value.apply(
                        .answer(reply.answer, to: call.kind, attempt: call.refund.attempt),
                        to: call.refund.legID, now: now, limits: limits
                    ).effects
                }
            }
            return CaseBook.Changes(dispositions: [], touched: Set(replies.map(\.call.caseID)))
        }
    }
}
