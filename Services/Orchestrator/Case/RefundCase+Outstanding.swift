import RefundMessages

/// A message that still must go out because of a case's state.
enum OutstandingMessage: Sendable, Hashable {
    case check(RefundCheck)
    case settle(SettleLeg)
    case outcome(RefundOutcome)
}

/// A line's claim on its order: what keeps a second request from paying it.
enum LineClaim: String, Sendable, Hashable {
    /// An open request may still pay the line.
    case open
    /// The line was refunded, for good.
    case refunded
}

extension RefundCase {
    /// What still must go out. Sending it again is harmless: every receiver is idempotent by key.
    ///
    /// - Parameter withChecks: false where another message than the request brought the case up: its
    ///   checks went out with the request, and go out again with the sweeper only.
    func outstanding(now: Instant, withChecks: Bool = true) -> [OutstandingMessage] {
        var messages: [OutstandingMessage] = []
        if withChecks, phase == .checking, let terms {
            messages += checks(terms).map(OutstandingMessage.check)
        }
        for leg in legs where leg.isDue(now: now) {
            messages.append(.settle(SettleLeg(caseID: caseID, legID: legID(of: leg))))
        }
        if let outcome, outcome.revision > confirmedRevision { messages.append(.outcome(outcome)) }
        return messages
    }

    /// One check for each product whose first result is missing.
    private func checks(_ terms: Terms) -> [RefundCheck] {
        resultRevisions.filter { $0.value == 0 }.keys.sorted().map { product in
            RefundCheck(
                caseID: caseID, requestID: request.requestID, orderID: request.orderID,
                product: product, dryRun: isDryRun, requestedAt: request.requestedAt,
                deadline: terms.deadline, revocationExpectedBy: terms.revocationExpectedBy,
                lines: lines.filter { $0.product == product && $0.isChecked }.map(\.line))
        }
    }

    /// The lines claimed by this case, by line id. A line that was found denied or in need of steps is
    /// free for another request at once, also while this one is open.
    var claims: [String: LineClaim] {
        guard !isDryRun, terms != nil else { return [:] }
        let isPaid = phase == .finished
        let final = finalLines
        var claims: [String: LineClaim] = [:]
        for (index, line) in lines.enumerated() {
            switch (final?[index] ?? line.verdict)?.verdict {
            case nil, .review: claims[line.lineID] = .open
            case .eligible: claims[line.lineID] = isPaid ? .refunded : .open
            case .denied, .actionRequired: break
            }
        }
        return claims
    }

    /// What the case takes from each payment, in minor units, by payment id. A leg in exception counts
    /// as taken until it is closed.
    var takings: [String: Int64] {
        Dictionary(
            legs.lazy.filter { !$0.isClosed }.map { ($0.paymentID, $0.amount) },
            uniquingKeysWith: +)
    }

    /// When the case next needs to be looked at, nil where it is at rest.
    ///
    /// - Parameter redrive: seconds after which outstanding messages go out again.
    func due(now: Instant, redrive: Int64) -> Instant? {
        if phase == .checking { return now.advanced(bySeconds: redrive) }
        let isUnsaid = (outcome?.revision ?? 0) > confirmedRevision
        let unsaid = isUnsaid ? now.advanced(bySeconds: redrive) : nil
        let planned =
            legs.contains { $0.state == .planned } ? now.advanced(bySeconds: redrive) : nil
        return ([unsaid, planned] + legs.map(\.nextAttemptAt)).compactMap(\.self).min()
    }
}
