import AMQP
import RefundMessages
import RefundService
import WorkerRuntime

/// `refund.settlements`: legs that are to be driven on. They are done with their messages once the
/// desk has them: their due times are stored.
struct SettlementHandler: BatchHandler {
    let desk: SettlementDesk

    func handle(_ batch: [Incoming]) async throws -> Handled {
        let decoded = batch.map { incoming in
            Decoded(incoming, expecting: SettleLeg.messageType, SettleLeg.decode)
        }
        try await desk.take(
            decoded.compactMap(\.value).map { LegWish(caseID: $0.caseID, legID: $0.legID) })
        return Handled(dispositions: decoded.map(\.disposition))
    }
}
