import Database
import RefundMessages
import RefundService
import WorkerRuntime

/// `refund.payments`: a provider says that something happened. A notice moves no money by itself: the
/// refund is asked for again, and what the provider answers then counts.
struct NoticeHandler: BatchHandler {
    let book: CaseBook
    let providers: PaymentProviders
    let limits: SettlementLimits

    func handle(_ batch: [Incoming]) async throws -> Handled {
        let decoded = batch.map { incoming in
            Decoded(incoming, expecting: PaymentNotice.messageType, PaymentNotice.decode)
        }
        let calls = try await lookUps(for: decoded.compactMap(\.value))
        let answers = await providers.answers(to: calls)
        return try await book.record(
            answers, limits: limits, dispositions: decoded.map(\.disposition))
    }

    private func lookUps(for notices: [PaymentNotice]) async throws -> [ProviderCall] {
        let now = book.clock()
        return try await book.database.read { connection in
            var session = CaseSession(connection, now: now)
            let ids = notices.map { String($0.legID.prefix { $0 != "/" }) }
            try session.load(cases: ids)
            return zip(ids, notices).compactMap { caseID, notice in
                session.cases[caseID]?.value.lookUp(of: notice)
            }
        }
    }
}

extension RefundCase {
    /// The look-up a notice asks for, nil where the leg was never handed to that provider.
    fileprivate func lookUp(of notice: PaymentNotice) -> ProviderCall? {
        guard let currency = terms?.currency,
            let leg = legs.first(where: { legID(of: $0) == notice.legID }),
            leg.isHandedOver, leg.provider == notice.provider
        else { return nil }
        let refund = ProviderRefund(
            key: notice.legID, paymentReference: leg.paymentReference, amount: leg.amount,
            currency: currency)
        return ProviderCall(
            caseID: caseID, provider: leg.provider, refund: refund, kind: .lookUp)
    }
}
