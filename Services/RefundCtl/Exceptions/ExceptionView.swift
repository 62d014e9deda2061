import RefundMessages

/// One refund over one payment with everything that an operator needs to decide about it.
struct ExceptionView: JSONReadable {
    struct Option: JSONReadable {
        var action: String
        var isPossible: Bool
        var effect: String
        var needsSecondPerson: Bool

        init(json: JSONValue) throws(MessageFault) {
            action = try json["action"].text()
            isPossible = try json["possible"].bool()
            effect = try json["effect"].text()
            needsSecondPerson = try json["needsSecondPerson"].bool()
        }
    }

    /// A change of state.
    struct Change: JSONReadable {
        var at: Instant
        var trigger: String
        var state: String
        var by: String?

        init(json: JSONValue) throws(MessageFault) {
            at = try json["at"].instant()
            trigger = try json["trigger"].text()
            state = try json["state"].text()
            by = try json["by"].ifPresent?.text()
        }
    }

    var legID: String
    var requestID: String
    var orderID: String
    var accountID: String
    var provider: String
    var paymentReference: String
    var refundReference: String?
    var amount: String
    var state: String
    var reason: String?
    var failureReason: String?
    var since: Instant?
    var options: [Option]
    var proposal: ProposalRow?
    var history: [Change]
    var audit: [AuditEntry]
    var postings: [PostingRow]

    init(json: JSONValue) throws(MessageFault) {
        legID = try json["legId"].text()
        requestID = try json["requestId"].text()
        orderID = try json["orderId"].text()
        accountID = try json["accountId"].text()
        provider = try json["provider"].text()
        paymentReference = try json["paymentReference"].text()
        refundReference = try json["refundReference"].ifPresent?.text()
        amount = moneyText(try json["amount"].integer(), try json["currency"].text(0...3))
        state = try json["state"].text()
        reason = try json["reason"].ifPresent?.text()
        failureReason = try json["failureReason"].ifPresent?.text()
        since = try json["since"].ifPresent?.instant()
        options = try json["actions"].list()
        if let proposal = try json["proposal"].ifPresent {
            self.proposal = try ProposalRow(json: proposal)
        }
        history = try json["history"].list()
        audit = try json["audit"].list()
        postings = try json["postings"].list()
    }
}

extension ExceptionView {
    func print(on console: Console) {
        let language = console.language
        let identity = [
            (language("Refund", "払い戻し"), legID), (language("order", "注文"), orderID),
            (language("account", "アカウント"), accountID), (provider, paymentReference),
            (language("reference", "参照番号"), refundReference ?? ""),
        ].filter { !$1.isEmpty }
        console.line(identity.map { "\($0) \($1.printable)" }.joined(separator: " · "))
        console.line(headline(console))
        if let sentence = reason.flatMap(SettlementExceptionReason.init(rawValue:)) {
            console.line(language(Wording.text(for: sentence)))
        }
        printHistory(on: console)
        if reason != nil { printOptions(on: console) }
        printProposal(on: console)
    }

    private func headline(_ console: Console) -> String {
        guard let reason else { return console.paint("\(state.spaced) · \(amount)", .title) }
        var text = "\(state) · \(reason) · \(amount)"
        if let since { text += " · \(console.language("since", "発生")) \(since.toTheSecond)" }
        if let failureReason { text += " · \(provider): \(failureReason.printable)" }
        return console.paint(text, .bad)
    }

    /// What operators did, what happened and what was booked, in order of time.
    private func printHistory(on console: Console) {
        var table = Table("TIME", "WHAT", "STATE", "OPERATOR", "NOTE")
        let acts = audit.map { entry in
            (entry.at, 0, ["\(entry.action) \(entry.stage.spaced)", "", entry.who, entry.note])
        }
        let changes = history.map { change in
            let text = HistoryText.text(for: change.trigger, console.language)
            return (change.at, 1, [text, change.state.spaced, change.by ?? "", ""])
        }
        let booked = postings.map { posting in
            (posting.at, 2, ["booked: \(posting.debit) → \(posting.credit)", "", "", ""])
        }
        // Postings have milliseconds.
        let rows = (acts + changes + booked).sorted {
            ($0.0.wholeMilliseconds, $0.1) < ($1.0.wholeMilliseconds, $1.1)
        }
        for (at, _, cells) in rows {
            table.add(([at.toTheSecond] + cells).map { Table.Cell($0) })
        }
        console.line()
        console.table(table)
    }

    private func printOptions(on console: Console) {
        console.line()
        for option in options {
            let effect = ExceptionActionEffect(rawValue: option.effect)
            var text = effect.map { console.language(Wording.text(for: $0)) } ?? option.effect
            if option.isPossible, option.needsSecondPerson {
                text += " " + console.language("Two operators must want it.", "担当者 2 名の承認が必要です。")
            }
            let name = console.paint(
                option.action.padded(to: 6), option.isPossible ? .title : .faint)
            console.line("\(name)  \(text.printable)")
        }
    }

    private func printProposal(on console: Console) {
        guard let proposal else { return }
        console.line()
        console.line(
            console.paint(
                "\(proposal.action) was proposed by \(proposal.operatorName.printable) at "
                    + "\(proposal.at.toTheSecond): \(proposal.note.printable)", .attention))
    }

    func tellDone(_ action: ExceptionAction, on console: Console) {
        let now =
            reason.map { "\(state), \($0)" } ?? state.spaced
        console.line("\(legID.printable): \(action.rawValue) is done; it is now \(now)")
        console.line("What comes of it: refundctl status \(requestID.printable)")
    }

    func tellProposed(_ action: ExceptionAction, on console: Console) {
        console.line(
            "\(legID.printable): \(amount) needs a second person; \(action.rawValue) is proposed")
        console.line(
            "Another operator confirms with: refundctl exceptions \(action.rawValue) "
                + "\(legID.printable) --note '…'")
    }
}

extension Instant {
    fileprivate var wholeMilliseconds: Int64 { seconds * 1_000 + Int64(nanoseconds / 1_000_000) }
}
