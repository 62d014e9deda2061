import Database
import RefundMessages
import RefundService
import WorkerRuntime

/// `refund.payments`: a provider says that something happened. A notice moves no money by itself: the
/// leg notes that it is to be asked for, and what the provider answers then counts. The routing key is
/// the provider a sender may speak for (the broker's topic permissions see to it), so it must be the
/// notice's.
struct NoticeHandler: BatchHandler {
    let book: CaseBook
    let limits: SettlementLimits

    func handle(_ batch: [Incoming]) async throws -> Handled {
        let decoded = batch.map { incoming in
            Decoded(incoming, expecting: PaymentNotice.messageType) {
                body throws(MessageFault) in
                let notice = try PaymentNotice.decode(body)
                guard incoming.routingKey == notice.provider.rawValue else {
                    throw MessageFault(
                        .notAuthorised, path: "/provider",
                        "The sender may not speak for that provider.")
                }
                return notice
            }
        }
        return try await book.handle { [limits] session in
            let notices = decoded.compactMap(\.value)
            try session.load(cases: notices.map(\.caseID))
            let now = session.now
            for notice in notices {
                try session.update(notice.caseID) { value in
                    guard value.isHandedOver(notice.legID, to: notice.provider) else { return [] }
                    return try value.apply(.noticed, to: notice.legID, now: now, limits: limits)
                        .effects
                }
            }
            return CaseBook.Changes(
                dispositions: decoded.map(\.disposition), touched: Set(notices.map(\.caseID)))
        }
    }
}

extension PaymentNotice {
    fileprivate var caseID: String { String(legID.prefix { $0 != "/" }) }
}

extension RefundCase {
    fileprivate func isHandedOver(_ legID: String, to provider: PaymentProviderName) -> Bool {
        indexOfLeg(legID).map { legs[$0].isHandedOver && legs[$0].provider == provider } ?? false
    }
}
