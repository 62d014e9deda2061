import RefundMessages

/// The stored form of a case's latest outcome.
///
/// It was published, or will be, so nothing of it may ever change: what is left out is what the rest
/// of the stored form says word for word. Where the case went on, and says something else, the
/// outcome stands whole, as it is published (without the texts, which follow from the codes).
///
/// | name | what, and what it is where it is left out |
/// |---|---|
/// | `n` `s` `c` | revision, status, code |
/// | `k` | order's status: a text, or true for `refund_succeeded` |
/// | `l` | of each line `j` its verdict (the case's own), `z` its resource's status |
/// | `m` | of each leg `i` its payment (that of the leg at that place), `a` its amount (the leg's), |
/// | | `w` its route (original), `s` its status (succeeded), `f` its reference: a text, or false |
/// | | for none (the leg's) |
extension RefundCase {
    private static let orderStatus = "refund_succeeded"

    func write(_ outcome: RefundOutcome, to json: inout JSONWriter) {
        guard repeats(outcome) else {
            json.name("outcome")
            return outcome.writeWithoutTexts(to: &json)
        }
        json.name("out")
        json.object { json in
            json.field("n", outcome.revision)
            json.field("s", outcome.status)
            json.fieldIfPresent("c", outcome.code)
            if outcome.orderStatus == Self.orderStatus {
                json.field("k", true)
            } else {
                json.fieldIfPresent("k", outcome.orderStatus)
            }
            writeLines(of: outcome, to: &json)
            if let refund = outcome.refund { writeLegs(of: refund, to: &json) }
        }
    }

    func readOutcome(_ json: JSONValue) throws(MessageFault) -> RefundOutcome {
        let orderStatus = try json["k"].ifPresent
        return RefundOutcome(
            requestID: request.requestID, orderID: request.orderID, accountID: request.accountID,
            revision: try json["n"].integer(1...maxInteger), status: try json["s"].choice(),
            code: try json["c"].ifPresent?.choice(),
            orderStatus: try orderStatus?.textOrFlag(Self.orderStatus),
            lines: try readLines(json["l"].ifPresent), refund: try readRefund(json["m"].ifPresent),
            deadline: terms?.deadline, decidedAt: decidedAt, settledAt: settledAt,
            policyVersion: policyVersion)
    }

    /// Whether all that the form does not have is the case's own.
    private func repeats(_ outcome: RefundOutcome) -> Bool {
        guard
            outcome.requestID == request.requestID, outcome.orderID == request.orderID,
            outcome.accountID == request.accountID, outcome.policyVersion == policyVersion,
            outcome.deadline == terms?.deadline, outcome.decidedAt == decidedAt,
            outcome.settledAt == settledAt, outcome.lines.count == lines.count,
            zip(outcome.lines, lines).allSatisfy({
                $0.product == $1.product && $0.verdict.lineID == $1.lineID
            })
        else { return false }
        guard let refund = outcome.refund else { return true }
        return refund.currency == terms?.currency && refund.legs.count <= legs.count
            && refund.amount == refund.legs.reduce(0) { $0 + $1.amount }
    }

    private func writeLines(of outcome: RefundOutcome, to json: inout JSONWriter) {
        let isOwn = zip(outcome.lines, lines).allSatisfy {
            $0.verdict == $1.judged && $0.resourceStatus == nil
        }
        guard !isOwn else { return }
        json.name("l")
        json.array { json in
            for (told, line) in zip(outcome.lines, lines) {
                json.object { json in
                    if told.verdict != line.judged {
                        json.name("j")
                        told.verdict.writeStored(to: &json, of: line.lineID)
                    }
                    json.fieldIfPresent("z", told.resourceStatus)
                }
            }
        }
    }

    private func readLines(_ json: JSONValue?) throws(MessageFault) -> [RefundOutcome.Line] {
        var told: [RefundOutcome.Line] = []
        let stored = try json?.list(lines.count...lines.count) { (line) in line }
        for (index, line) in lines.enumerated() {
            var verdict = line.judged
            if let own = try stored?[index]["j"].ifPresent {
                verdict = try LineVerdict(stored: own, of: line.lineID)
            }
            guard let verdict else {
                throw MessageFault(.invalidMessage, "An outcome's line has no verdict.")
            }
            told.append(
                RefundOutcome.Line(
                    product: line.product, verdict: verdict,
                    resourceStatus: try stored?[index]["z"].ifPresent?.text()))
        }
        return told
    }

    private func writeLegs(of refund: RefundOutcome.Refund, to json: inout JSONWriter) {
        json.name("m")
        json.array { json in
            for (told, leg) in zip(refund.legs, legs) {
                json.object { json in
                    if told.paymentID != leg.paymentID { json.field("i", told.paymentID) }
                    if told.amount != leg.amount { json.field("a", told.amount) }
                    if told.route != .original { json.field("w", told.route) }
                    if told.status != .succeeded { json.field("s", told.status) }
                    guard told.reference != leg.refundReference else { return }
                    if let reference = told.reference {
                        json.field("f", reference)
                    } else {
                        json.field("f", false)
                    }
                }
            }
        }
    }

    private func readRefund(_ json: JSONValue?) throws(MessageFault) -> RefundOutcome.Refund? {
        guard let json else { return nil }
        guard let terms else { throw json.fault("has no currency") }
        let stored = try json.list(0...legs.count) { (leg) in leg }
        var told: [RefundOutcome.Leg] = []
        for (json, leg) in zip(stored, legs) {
            let reference = try json["f"].ifPresent
            told.append(
                RefundOutcome.Leg(
                    paymentID: try json["i"].ifPresent?.identifier() ?? leg.paymentID,
                    amount: try json["a"].ifPresent?.integer() ?? leg.amount,
                    route: try json["w"].ifPresent?.choice() ?? .original,
                    status: try json["s"].ifPresent?.choice() ?? .succeeded,
                    reference: try reference == nil
                        ? leg.refundReference : reference?.textOrFlag(nil)))
        }
        return RefundOutcome.Refund(
            amount: told.reduce(0) { $0 + $1.amount }, currency: terms.currency, legs: told)
    }
}

extension JSONValue {
    /// The text, or `meant` where true or false stands in its place.
    fileprivate func textOrFlag(_ meant: String?) throws(MessageFault) -> String? {
        (try? bool()) == nil ? try text() : meant
    }
}
