import RefundMessages

/// An outcome for people: what became of the request, each line with its sentence, the steps that
/// remain, and where the money went.
struct OutcomeView {
    var outcome: RefundOutcome
    /// The order's currency, where it is known although nothing is paid.
    var currency: String?

    /// Prints an outcome that the API gave. Where nothing is paid, the currency is the order's.
    static func print(_ outcome: RefundOutcome, _ api: APIClient, on console: Console) async {
        var view = OutcomeView(outcome: outcome)
        if outcome.refund == nil, outcome.lines.contains(where: { $0.verdict.amount != nil }) {
            let order = try? await api.json(["orders", outcome.orderID])
            view.currency = try? order?.root["currency"].currency()
        }
        view.print(on: console)
    }

    func print(on console: Console) {
        let language = console.language
        let identity = [
            (language("Request", "申請"), outcome.requestID),
            (language("order", "注文"), outcome.orderID),
            (language("account", "アカウント"), outcome.accountID),
            (language("revision", "改訂"), String(outcome.revision)),
        ]
        console.line(identity.map { "\($0) \($1.printable)" }.joined(separator: " · "))
        var status = language(Wording.name(of: outcome.status))
        if let refund = outcome.refund {
            status += " · " + moneyText(refund.amount, refund.currency)
        }
        console.line(console.paint(status, outcome.status.style))
        if let code = outcome.code { console.line(language(Wording.text(for: code))) }
        printLines(on: console)
        printLegs(on: console)
    }

    private func printLines(on console: Console) {
        guard !outcome.lines.isEmpty else { return }
        let language = console.language
        var table = Table("LINE", "PRODUCT", "VERDICT", "CODE", ">AMOUNT", "RULES")
        for line in outcome.lines {
            table.add(
                Table.Cell(line.verdict.lineID),
                Table.Cell(language(Wording.name(of: line.product))),
                Table.Cell(
                    language(Wording.name(of: line.verdict.verdict)), line.verdict.verdict.style),
                Table.Cell(line.verdict.code.rawValue), Table.Cell(amountText(line.verdict.amount)),
                Table.Cell(line.verdict.rules.map(\.rawValue).joined(separator: " ")))
        }
        console.line()
        console.table(table)
        for line in outcome.lines {
            console.line()
            let sentence = language(Wording.text(for: line.verdict.code))
            console.line("\(line.verdict.lineID.printable): \(sentence)")
            for (number, step) in zip(1..., line.verdict.steps) {
                console.line("  \(number). \(StepText(step: step).text(language))")
            }
        }
    }

    private func printLegs(on console: Console) {
        guard let refund = outcome.refund, !refund.legs.isEmpty else { return }
        var table = Table("PAYMENT", ">AMOUNT", "ROUTE", "STATUS", "REFERENCE")
        for leg in refund.legs {
            table.add(
                Table.Cell(leg.paymentID), Table.Cell(moneyText(leg.amount, refund.currency)),
                Table.Cell(leg.route.rawValue), Table.Cell(leg.status.rawValue, leg.status.style),
                Table.Cell(leg.reference ?? ""))
        }
        console.line()
        console.table(table)
    }

    /// In minor units where the currency is not known.
    func amountText(_ amount: Int64?) -> String {
        guard let amount else { return "" }
        guard let currency = outcome.refund?.currency ?? currency else { return String(amount) }
        return moneyText(amount, currency)
    }
}

/// One step for people.
struct StepText {
    var step: Step

    func text(_ language: Language) -> String {
        var notes: [String] = []
        if step.action.isIrreversible {
            notes.append(language("cannot be undone", "元に戻せません"))
        }
        if let expectedBy = step.expectedBy {
            notes.append(language("expected by", "完了見込み") + " " + expectedBy.rfc3339)
        }
        if let deadline = step.deadline {
            notes.append(language("before", "期限") + " " + deadline.rfc3339)
        }
        if step.mayMissDeadline == true {
            notes.append(language("may be too late", "期限に間に合わない可能性があります"))
        }
        let target = step.target.map { " [\($0.printable)]" } ?? ""
        let suffix = notes.isEmpty ? "" : " (" + notes.joined(separator: "; ") + ")"
        return language(Wording.text(for: step.action)) + target + suffix
    }
}

extension Verdict {
    var style: Style {
        switch self {
        case .eligible: .good
        case .denied: .bad
        case .actionRequired: .attention
        case .review: .pending
        }
    }
}

extension RefundOutcome.Status {
    var style: Style {
        switch self {
        case .refunded, .partiallyRefunded: .good
        case .denied, .settlementException: .bad
        case .actionRequired: .attention
        case .inReview, .settling: .pending
        case .advice: .plain
        }
    }
}

extension RefundOutcome.Leg.Status {
    var style: Style {
        switch self {
        case .succeeded: .good
        case .pending: .pending
        case .exception: .bad
        }
    }
}
