import Database
import RefundMessages
import RefundService

extension CaseSession {
    /// Keeps the list of exceptions true to the cases that changed, and lets proposals fall away
    /// whose legs are not as they were.
    func saveExceptions(of changed: [StoredCase]) throws {
        var removed: [[SQLValue]] = []
        for loaded in changed {
            for (index, before) in (loaded.stored?.legs ?? []).enumerated()
            where before.state == .exception {
                let legID = loaded.value.legID(of: before)
                let after =
                    loaded.value.legs.indices.contains(index) ? loaded.value.legs[index] : nil
                if after?.isSameException(as: before) != true {
                    try dropProposal(of: legID, leg: before, in: loaded.value)
                }
                if after?.state != .exception { removed.append([.text(legID)]) }
            }
        }
        try connection.execute(CaseStatements.unlist, removed)
        try listExceptions(of: changed)
    }

    /// Lists what is in exception in those cases; what is listed already keeps its age, and changes
    /// its reason.
    func listExceptions(of cases: some Sequence<StoredCase>) throws {
        let rows = cases.flatMap { loaded in
            loaded.value.legs.filter { $0.state == .exception }.map {
                exceptionRow($0, of: loaded.value)
            }
        }
        guard !rows.isEmpty else { return }
        try connection.execute(CaseStatements.list, rows)
    }

    private func exceptionRow(_ leg: Leg, of value: RefundCase) -> [SQLValue] {
        [
            .text(value.legID(of: leg)), .text(value.caseID), .text(value.request.orderID),
            .text(value.request.accountID), .text(leg.provider.rawValue),
            .text(leg.exceptionReason?.rawValue ?? ""), .integer(leg.amount),
            .text(value.terms?.currency ?? ""),
            .integer((leg.restedAt ?? now).milliseconds),
        ]
    }

    private func dropProposal(of legID: String, leg: Leg, in value: RefundCase) throws {
        guard let proposal = try ExceptionProposal.of(legID, in: connection) else { return }
        try connection.execute("DELETE FROM proposals WHERE leg_id = $1", [.text(legID)])
        try OperatorAudit(
            idempotencyKey: proposal.idempotencyKey + "/fell_away", legID: legID,
            action: proposal.action, stage: .fellAway, operatorName: proposal.operatorName,
            isProven: proposal.isProven, note: proposal.note,
            reason: leg.exceptionReason?.rawValue ?? "", amount: leg.amount,
            currency: value.terms?.currency ?? "", at: now
        ).insert(in: connection)
    }
}
