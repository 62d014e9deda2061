import RefundMessages
import Synchronization
import WorkerRuntime

/// Carries what a batch of messages says into the cases.
protocol CaseHandling: Sendable {
    /// Runs `body` and saves in one transaction, and says what to publish for it.
    func handle(
        _ body: @escaping @Sendable (inout CaseSession) throws -> CaseBook.Changes
    ) async throws -> Handled
}

extension CaseBook: CaseHandling {}

/// Legs that fall due are begun in the transaction that makes them so, and called once it is durable:
/// a message to ourselves would cost another transaction and a way through the broker. Where their
/// provider has no room, where others wait for it and when the process stops, they go out as messages.
extension SettlementDesk: CaseHandling {
    func handle(
        _ body: @escaping @Sendable (inout CaseSession) throws -> CaseBook.Changes
    ) async throws -> Handled {
        let free = state.withLock { $0.lanes.freeForNew }
        let (handled, calls) = try await book.handle(finding: { session in
            let changes = try body(&session)
            var taking = LegTaking(free: free)
            for caseID in changes.touched.sorted() {
                try self.begin(&session, caseID, &taking)
            }
            return (changes, taking.calls)
        })
        make(state.withLock { $0.lanes.start(calls) })
        return handled
    }

    private func begin(
        _ session: inout CaseSession, _ caseID: String, _ taking: inout LegTaking
    ) throws {
        guard let value = session.cases[caseID]?.value else { return }
        let now = session.now
        for leg in value.legs where leg.isDue(now: now) {
            let wish = LegWish(caseID: caseID, legID: value.legID(of: leg))
            // Its call takes longer than its lease.
            if state.withLock({ $0.lanes.isBegun(wish.legID) }) { continue }
            try session.update(caseID) { try taking.take(wish, of: &$0, now: now, limits: limits) }
        }
    }
}
