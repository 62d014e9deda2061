package import RefundMessages

extension CheckLine {
    /// A plain yes: the line's refundable cash is paid.
    package func eligible(by rules: [Rule]) -> LineVerdict {
        LineVerdict(
            lineID: lineID, verdict: .eligible, code: .eligible, rules: rules.sorted(),
            amount: refundable)
    }

    /// A no for good.
    package func denied(_ code: LineCode, by rules: [Rule]) -> LineVerdict {
        LineVerdict(lineID: lineID, verdict: .denied, code: code, rules: rules.sorted())
    }

    /// An operator decides. `amount` in minor units is what would be paid.
    package func review(_ code: LineCode, amount: Int64, by rules: [Rule]) -> LineVerdict {
        LineVerdict(
            lineID: lineID, verdict: .review, code: code, rules: rules.sorted(), amount: amount)
    }

    /// The customer releases something first.
    package func releaseRequired(_ steps: [Step], by rules: [Rule]) -> LineVerdict {
        LineVerdict(
            lineID: lineID, verdict: .actionRequired, code: .releaseRequired,
            rules: rules.sorted(), steps: steps)
    }
}

extension RefundCheck {
    /// Assesses each line by its own facts alone, in order. `judge` gives nil for facts that are
    /// another product's, which count as none.
    package func assessEach(
        facts: [String: UsageFacts], _ judge: (CheckLine, UsageFacts) -> LineVerdict?
    ) -> [LineAssessment] {
        lines.map { line in
            facts[line.lineID].flatMap { judge(line, $0) }.map { .decided($0) } ?? .usageUnknown
        }
    }
}
