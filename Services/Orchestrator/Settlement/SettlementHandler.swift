import AMQP
import Database
import RefundMessages
import RefundService
import WorkerRuntime

/// `refund.settlements`: drives legs on. The intent is committed before a provider is called, and no
/// provider is called inside a transaction.
struct SettlementHandler: BatchHandler {
    let book: CaseBook
    let providers: PaymentProviders
    let limits: SettlementLimits

    func handle(_ batch: [Incoming]) async throws -> Handled {
        let decoded = batch.map { incoming in
            Decoded(incoming, expecting: SettleLeg.messageType, SettleLeg.decode)
        }
        let calls = try await commitIntents(decoded)
        let answers = await providers.answers(to: calls)
        return try await book.record(
            answers, limits: limits, dispositions: decoded.map(\.disposition))
    }

    private func commitIntents(_ decoded: [Decoded<SettleLeg>]) async throws -> [ProviderCall] {
        let now = book.clock()
        return try await book.database.write { [limits] connection in
            var session = CaseSession(connection, now: now)
            try session.load(cases: decoded.compactMap(\.value?.caseID))
            var calls: [ProviderCall] = []
            for message in decoded {
                guard let leg = message.value else { continue }
                try session.update(leg.caseID) { value in
                    guard value.indexOfLeg(leg.legID) != nil else { return [] }
                    let begun = try value.apply(
                        .begin(takeOver: message.incoming.delivery.redelivered), to: leg.legID,
                        now: now, limits: limits)
                    if let call = begun.call { calls.append(call) }
                    return begun.effects
                }
            }
            try session.save(redrive: CaseBook.redriveSeconds)
            return calls
        }
    }
}
