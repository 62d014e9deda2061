import RefundMessages

extension RefundCase {
    /// Brings `outcome` up to date with the state: a new revision where it would differ.
    mutating func refreshOutcome() {
        guard var next = currentOutcome() else { return }
        if let outcome {
            next.revision = outcome.revision
            guard next != outcome else { return }
            next.revision += 1
        }
        outcome = next
    }

    /// The outcome that the state amounts to, nil where there is nothing to say yet.
    private func currentOutcome() -> RefundOutcome? {
        guard let status = currentStatus() else { return nil }
        let isRefunded = status == .refunded || status == .partiallyRefunded
        return RefundOutcome(
            requestID: request.requestID, orderID: request.orderID, accountID: request.accountID,
            revision: 1, status: status, code: terms == nil ? .orderNotFound : nil,
            orderStatus: isRefunded ? "refund_succeeded" : nil,
            lines: outcomeLines(isRefunded: isRefunded), refund: outcomeRefund,
            deadline: terms?.deadline, decidedAt: decidedAt, settledAt: settledAt,
            policyVersion: policyVersion)
    }

    private func currentStatus() -> RefundOutcome.Status? {
        if isDryRun { return phase == .finished ? .advice : nil }
        switch phase {
        case .checking: return nil
        case .inReview: return .inReview
        case .settling: return settlingStatus
        case .finished: return finalStatus
        }
    }

    /// `settling` only where a provider said that it has not finished, not for retries of ours.
    private var settlingStatus: RefundOutcome.Status? {
        if legs.contains(where: { $0.stage == .exception }) { return .settlementException }
        if legs.contains(where: { $0.stage == .pending || $0.stage == .requiresAction }) {
            return .settling
        }
        // A leg of ours is under way: what was said last stays true.
        return nil
    }

    private var finalStatus: RefundOutcome.Status {
        let verdicts = (finalLines ?? []).map(\.verdict)
        if verdicts.contains(.eligible) {
            return verdicts.allSatisfy { $0 == .eligible } ? .refunded : .partiallyRefunded
        }
        return verdicts.contains(.actionRequired) ? .actionRequired : .denied
    }

    private func outcomeLines(isRefunded: Bool) -> [RefundOutcome.Line] {
        zip(lines, finalLines ?? []).map { line, verdict in
            let isReset = isRefunded && line.product == .pca && verdict.verdict == .eligible
            return RefundOutcome.Line(
                product: line.product, verdict: verdict,
                resourceStatus: isReset ? "refunded" : nil)
        }
    }

    private var outcomeRefund: RefundOutcome.Refund? {
        let open = legs.filter { !$0.isClosed }
        guard !open.isEmpty, let currency = terms?.currency else { return nil }
        return RefundOutcome.Refund(
            amount: open.reduce(0) { $0 + $1.amount }, currency: currency,
            legs: open.map {
                RefundOutcome.Leg(
                    paymentID: $0.paymentID, amount: $0.amount, route: $0.route, status: $0.status,
                    reference: $0.refundReference)
            })
    }
}
