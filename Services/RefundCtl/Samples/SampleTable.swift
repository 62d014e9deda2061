import RefundMessages

/// The outcomes of a sample set in one table: a row for each order line.
struct SampleTable {
    var table = Table("ORDER", "PRODUCT", "VERDICT", ">AMOUNT", "ROUTE", "RULES", "STEPS")
    var language: Language

    init(language: Language) { self.language = language }

    mutating func add(_ outcome: RefundOutcome, currency: String?) {
        guard !outcome.lines.isEmpty else {
            let code = outcome.code?.rawValue ?? ""
            return table.add(
                Table.Cell(outcome.orderID), "", Table.Cell("denied: \(code)", .bad), "", "", "", ""
            )
        }
        let view = OutcomeView(outcome: outcome, currency: currency)
        for (index, line) in outcome.lines.enumerated() {
            let verdict = line.verdict
            table.add(
                Table.Cell(index == 0 ? outcome.orderID : ""), Table.Cell(line.product.rawValue),
                Table.Cell(verdictText(verdict, outcome), verdict.verdict.style),
                Table.Cell(view.amountText(verdict.amount)),
                Table.Cell(index == 0 ? routeText(outcome) : ""),
                Table.Cell(verdict.rules.map(\.rawValue).joined(separator: " ")),
                Table.Cell(lines: verdict.steps.map(\.summary)))
        }
    }

    mutating func addMissing(_ requestID: String) {
        table.add(Table.Cell(requestID), "", Table.Cell("no outcome", .bad), "", "", "", "")
    }

    private func verdictText(_ verdict: LineVerdict, _ outcome: RefundOutcome) -> String {
        let name = language(Wording.name(of: verdict.verdict))
        let advice = outcome.status == .advice ? "advice: " : ""
        return advice + (verdict.code == .eligible ? name : "\(name): \(verdict.code.rawValue)")
    }

    /// The ways the money went, each once; what did not succeed is said.
    private func routeText(_ outcome: RefundOutcome) -> String {
        var routes: [String] = []
        for leg in outcome.refund?.legs ?? [] {
            let status = leg.status == .succeeded ? "" : ": \(leg.status.rawValue)"
            if !routes.contains(leg.route.rawValue + status) {
                routes.append(leg.route.rawValue + status)
            }
        }
        return routes.joined(separator: " + ")
    }
}
