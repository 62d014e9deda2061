import RefundMessages

/// Something outside the case that follows from an event.
enum CaseEffect: Sendable, Hashable {
    case post(LedgerTransfer)
    /// An operator must know, now: counted, and logged as an error.
    case alert(CaseAlert)
}

/// What an operator is alerted of.
enum CaseAlert: Sendable, Hashable {
    /// Usage that makes a line no longer refundable arrived after its leg was handed over.
    case usedAfterRefund(lineID: String)
    case legException(legID: String, Leg.ExceptionReason)
    /// An event that cannot be in the leg's state: an error in the program, or a provider's.
    case impossible(legID: String, Leg.Trigger, Leg.State)
}

extension RefundCase {
    /// Refuses a result that is not the answer to what was asked, or would pay what no rule can mean:
    /// a line that is paid or reviewed carries an amount, and never more than its refundable cash
    /// (GEN-3).
    func check(_ result: RefundResult) throws(MessageFault) {
        let asked = lines.filter { $0.isChecked && $0.product == result.product }.map(\.lineID)
        guard result.orderID == request.orderID,
            Set(result.lines.map(\.lineID)) == Set(asked)
        else {
            throw MessageFault(
                .invalidMessage, path: "/lines", "The result is not of the lines that were asked.")
        }
        for (index, verdict) in result.lines.enumerated()
        where verdict.verdict == .eligible || verdict.verdict == .review {
            let line = lines.first { $0.lineID == verdict.lineID && $0.product == result.product }
            guard let line, let amount = verdict.amount, amount <= line.line.refundable else {
                throw MessageFault(
                    .invalidMessage, path: "/lines/\(index)/amount",
                    "The amount is missing, or more than the line's refundable cash.")
            }
        }
    }

    /// A product's worker answered, or revised its answer.
    ///
    /// A revision that is not higher than the known one changes nothing. Until a leg was handed over
    /// the revision wins, also over an approval; afterwards it only alerts.
    mutating func apply(_ result: RefundResult, now: Instant) -> [CaseEffect] {
        guard let known = resultRevisions[result.product], result.revision > known else {
            return []
        }
        resultRevisions[result.product] = result.revision
        let isFirst = known == 0
        guard isFirst || (phase != .finished && !hasHandedOver) else {
            return alertsOfLateUsage(in: result)
        }
        for verdict in result.lines {
            guard
                let index = lines.firstIndex(where: {
                    $0.lineID == verdict.lineID && $0.product == result.product && $0.isChecked
                })
            else { continue }
            lines[index].judge(verdict)
        }
        decide(now: now)
        return []
    }

    private func alertsOfLateUsage(in result: RefundResult) -> [CaseEffect] {
        result.lines.compactMap { revised in
            guard hasHandedOver,
                let line = finalLines?.first(where: { $0.lineID == revised.lineID }),
                line.verdict == .eligible, revised.verdict != .eligible,
                !(revised.verdict == .review && revised.amount == line.amount)
            else { return nil }
            return .alert(.usedAfterRefund(lineID: revised.lineID))
        }
    }

    /// Settles what follows from the lines' verdicts, as long as nothing was handed over: waits for
    /// results and reviews, plans the legs, or finishes without payment.
    mutating func decide(now: Instant) {
        legs = []
        settledAt = nil
        guard let final = finalLines else {
            phase = .checking
            return
        }
        if isDryRun {
            phase = .finished
        } else if final.contains(where: { $0.verdict == .review }) {
            phase = .inReview
            decidedAt = nil
        } else if final.contains(where: { $0.verdict == .eligible && ($0.amount ?? 0) > 0 }) {
            phase = .settling
        } else {
            phase = .finished
        }
        if phase != .inReview { decidedAt = decidedAt ?? now }
    }

    /// The verdicts as they go out, `allOrNothing` applied; nil while a result is missing.
    var finalLines: [LineVerdict]? {
        var verdicts: [LineVerdict] = []
        for line in lines {
            guard let verdict = line.verdict else { return nil }
            verdicts.append(verdict)
        }
        let isShort = verdicts.contains { $0.verdict == .denied || $0.verdict == .actionRequired }
        guard request.allOrNothing, isShort else { return withoutClosedLegs(verdicts) }
        return verdicts.map { verdict in
            guard verdict.verdict == .eligible || verdict.verdict == .review else { return verdict }
            var withheld = verdict
            withheld.verdict = .denied
            withheld.code = .allOrNothing
            withheld.amount = nil
            return withheld
        }
    }
}

extension CaseLine {
    /// Takes the worker's word. A line that was found denied (by a reviewer too) or in need of steps
    /// is free for other requests, so nothing revives it here. An approved line whose amount changes
    /// goes back to review, whatever the new verdict says for it.
    mutating func judge(_ verdict: LineVerdict) {
        if let current = self.verdict?.verdict, current == .denied || current == .actionRequired {
            return
        }
        var judged = GeneralRules.finish(verdict, effect: effect)
        if let before = self.judged, review != nil, judged.amount != before.amount {
            review = nil
            if judged.verdict == .eligible {
                (judged.verdict, judged.code, judged.rules) = (.review, before.code, before.rules)
            }
        }
        if judged.verdict == .denied || judged.verdict == .actionRequired { review = nil }
        self.judged = judged
    }
}
