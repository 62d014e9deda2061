import RefundMessages
import RefundService
import WorkerRuntime

/// `refund.results`: what the product workers found. The routing key is the product a sender may
/// speak for (the broker's topic permissions see to it), so it must be the result's.
struct ResultHandler: BatchHandler {
    let cases: any CaseHandling

    func handle(_ batch: [Incoming]) async throws -> Handled {
        let decoded = batch.map { incoming in
            Decoded(incoming, expecting: RefundResult.messageType) {
                body throws(MessageFault) in
                let result = try RefundResult.decode(body)
                guard incoming.routingKey == result.product.rawValue else {
                    throw MessageFault(
                        .notAuthorised, path: "/product",
                        "The sender may not speak for that product.")
                }
                return result
            }
        }
        return try await cases.handle { session in
            let results = decoded.compactMap(\.value)
            try session.load(cases: results.map(\.caseID))
            try session.load(
                orders: results.compactMap { session.cases[$0.caseID]?.value.request.orderID })
            let dispositions = try decoded.map { try take($0, in: &session) }
            return CaseBook.Changes(
                dispositions: dispositions, touched: Set(results.map(\.caseID)))
        }
    }

    private func take(
        _ message: Decoded<RefundResult>, in session: inout CaseSession
    ) throws -> Disposition {
        do {
            let result = try message.result.get()
            let now = session.now
            try session.update(result.caseID) { value in
                try value.check(result)
                return value.apply(result, now: now)
            }
            return .done
        } catch let fault as MessageFault {
            return .refused(fault)
        }
    }
}
