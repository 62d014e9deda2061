import RefundMessages

extension Expectation {
    /// Each way in which the outcome is otherwise, as a sentence; empty where it is as expected.
    func differences(from outcome: RefundOutcome?) -> [String] {
        guard let outcome else { return ["no outcome; expected \(status.rawValue)"] }
        var found = Differences()
        found.compare("status", outcome.status.rawValue, status.rawValue)
        found.compare("code", outcome.code?.rawValue, code?.rawValue)
        found.compare("orderStatus", outcome.orderStatus, orderStatus)
        found.compare("currency", outcome.refund?.currency, currency)
        let sum = legs.isEmpty ? nil : legs.reduce(0) { $0 + $1.amount }
        found.compare("refund.amount", outcome.refund?.amount, sum)
        found.compare("legs", (outcome.refund?.legs ?? []).map(\.summary), legs.map(\.summary))
        let ids = outcome.lines.map(\.verdict.lineID)
        found.compare("lines", ids, lines.map(\.verdict.lineID))
        guard ids == lines.map(\.verdict.lineID) else { return found.sentences }
        for (line, expected) in zip(outcome.lines, lines) {
            let place = "line \(line.verdict.lineID) "
            let (verdict, other) = (line.verdict, expected.verdict)
            found.compare(place + "verdict", verdict.verdict.rawValue, other.verdict.rawValue)
            found.compare(place + "code", verdict.code.rawValue, other.code.rawValue)
            found.compare(
                place + "rules", verdict.rules.map(\.rawValue), other.rules.map(\.rawValue))
            found.compare(place + "amount", verdict.amount, other.amount)
            found.compare(place + "steps", verdict.steps.map(\.summary), other.steps.map(\.summary))
            found.compare(place + "resourceStatus", line.resourceStatus, expected.resourceStatus)
        }
        return found.sentences
    }
}

private struct Differences {
    var sentences: [String] = []

    mutating func compare<Value: Equatable>(_ what: String, _ got: Value?, _ expected: Value?) {
        guard got != expected else { return }
        sentences.append("\(what) is \(text(got)), expected \(text(expected))")
    }

    private func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "absent" }
}

extension Expectation.Leg {
    fileprivate var summary: String {
        "\(paymentID) \(amount) \(route.rawValue) \(status.rawValue)"
    }
}

extension RefundOutcome.Leg {
    fileprivate var summary: String {
        "\(paymentID) \(amount) \(route.rawValue) \(status.rawValue)"
    }
}

extension Step {
    /// The action and what it is done to.
    var summary: String { [action.rawValue, target].compactMap { $0 }.joined(separator: " ") }
}
