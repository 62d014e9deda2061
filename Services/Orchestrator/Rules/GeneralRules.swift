import RefundMessages

/// The rules that hold for every product (GEN-1 to GEN-3), in their order of evaluation: already
/// refunded, in progress, promotion, window, zero cash. What they do not deny is the products'.
enum GeneralRules {
    /// The lines a request is about: those it names, else every line not yet refunded, in the
    /// order's order; where none is left, all of them (and each is `already_refunded`).
    static func requestedLines(
        _ request: RefundRequest, order: OrderPaid, standing: [String: LineStanding]
    ) -> [String] {
        if let lines = request.lines { return lines }
        let all = order.lines.map(\.lineID)
        let open = all.filter { standing[$0] != .refunded }
        return open.isEmpty ? all : open
    }

    /// Assesses the requested lines as of `requestedAt`.
    ///
    /// - Parameters:
    ///   - caseID: the key under which the products' workers know the case.
    ///   - lines: ids of lines of the order, without repetition.
    ///   - standing: by line id; a line that is missing is free.
    static func assess(
        _ request: RefundRequest, caseID: String, order: OrderPaid, lines: [String],
        standing: [String: LineStanding], policy: RefundPolicy, calendar: RefundCalendar
    ) -> GeneralAssessment {
        let terms = PromotionReading(order.promotion, policy: policy)
        let deadline = calendar.deadline(paidAt: order.paidAt, windowDays: terms.windowDays)
        let pairs = OrderPairs(order, requested: lines, standing: standing, terms: terms)
        let assessed = lines.compactMap { lineID -> GeneralAssessment.Line? in
            guard let line = pairs.line(lineID) else { return nil }
            let rules = LineRules(
                line: line, pairs: pairs, terms: terms,
                isInTime: request.requestedAt < deadline)
            return GeneralAssessment.Line(
                lineID: lineID, product: line.product, finding: rules.finding(),
                effect: rules.effect)
        }
        var assessment = GeneralAssessment(
            deadline: deadline,
            revocationExpectedBy: calendar.revocationExpectedBy(requestedAt: request.requestedAt),
            lines: assessed, checks: [])
        assessment.checks = checks(of: assessment, request: request, caseID: caseID, pairs: pairs)
        return assessment
    }

    /// Completes what a product's worker said of a line with what the promotion did to it (GEN-2).
    /// Doing it again changes nothing.
    static func finish(_ verdict: LineVerdict, effect: PromotionEffect) -> LineVerdict {
        // No rule of the page speaks where another request has or had the line.
        if verdict.code == .alreadyRefunded || verdict.code == .refundInProgress { return verdict }
        var finished = verdict
        if effect.contains(.termsUnknown), verdict.code == .eligible {
            finished.verdict = .review
            finished.code = .promotionUnknown
            // Only the promotion decides now; a managed service still follows its certificate.
            finished.rules = verdict.rules.contains(.ssl4) ? [.gen2, .ssl4] : [.gen2]
        }
        let amountDecides = verdict.amount != nil || verdict.code == .quotaExhausted
        let isMoved =
            effect.contains(.deadlineMoved) || (effect.contains(.amountMoved) && amountDecides)
        if isMoved, !finished.rules.contains(.gen2) {
            finished.rules = (finished.rules + [.gen2]).sorted()
        }
        return finished
    }

    private static func checks(
        of assessment: GeneralAssessment, request: RefundRequest, caseID: String, pairs: OrderPairs
    ) -> [RefundCheck] {
        var lines: [Product: [CheckLine]] = [:]
        for assessed in assessment.lines {
            guard case .toBeChecked(let refundable) = assessed.finding,
                let line = pairs.line(assessed.lineID)
            else { continue }
            lines[line.product, default: []].append(
                CheckLine(
                    lineID: line.lineID, item: line.item, parent: line.parent,
                    managedService: pairs.openManagedService(of: line), fee: line.fee,
                    refundable: refundable))
        }
        return lines.sorted { $0.key < $1.key }.map { product, lines in
            RefundCheck(
                caseID: caseID, requestID: request.requestID, orderID: request.orderID,
                product: product, dryRun: request.dryRun, requestedAt: request.requestedAt,
                deadline: assessment.deadline,
                revocationExpectedBy: assessment.revocationExpectedBy, lines: lines)
        }
    }
}
