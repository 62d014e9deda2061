import RefundMessages

extension Leg.State: JSONWritable {}
extension Leg.ExceptionReason: JSONWritable {}
extension Leg.Call: JSONWritable {}
extension Leg.Doubt: JSONWritable {}

/// The stored form of a leg, under `g` of its case.
///
/// | name | what, and what it is where it is left out |
/// |---|---|
/// | `i` `p` `f` `a` | payment, its provider, the provider's reference of it, amount |
/// | `s` | state |
/// | `n` `x` | which refund (1), its key is spent |
/// | `k` `t` `b` `d` | calls begun (0), the first call, since when the budget runs, when it is due |
/// | `u` | first use of the key: an instant, or false for none (`t`) |
/// | `c` `q` `y` `z` | call under way, doubt, it is repeated, a notice came |
/// | `rf` `fr` `er` | the provider's id of the refund, why it failed, why it is in exception |
/// | `rv` `cl` | reversals (0), closed |
/// | `r` | rested at: an instant, or true for that of the last entry |
/// | `bk` | owed, paid, credited (what most legs in that state have) |
/// | `h`, `hh` | history without its usual first entry, or whole |
extension Leg: JSONReadable, JSONWritable {
    init(json: JSONValue) throws(MessageFault) {
        self.init(
            paymentID: try json["i"].text(), provider: try json["p"].choice(),
            paymentReference: try json["f"].text(), amount: try json["a"].integer())
        state = try json["s"].choice()
        refundAttempt = Int(try json["n"].ifPresent?.integer() ?? 1)
        isKeySpent = try json.flag("x")
        attempts = Int(try json["k"].ifPresent?.integer() ?? 0)
        firstAttemptAt = try json["t"].ifPresent?.seconds()
        budgetFrom = try json["b"].ifPresent?.seconds()
        nextAttemptAt = try json["d"].ifPresent?.seconds()
        let used = try json["u"].ifPresent
        keyUsedAt = try used == nil ? firstAttemptAt : used?.secondsOrFlag()
        calling = try json["c"].ifPresent?.choice()
        doubt = try json["q"].ifPresent?.choice()
        isRepeated = try json.flag("y")
        isNoticed = try json.flag("z")
        refundReference = try json["rf"].ifPresent?.text()
        failureReason = try json["fr"].ifPresent?.text()
        exceptionReason = try json["er"].ifPresent?.choice()
        reversals = Int(try json["rv"].ifPresent?.integer() ?? 0)
        isClosed = try json.flag("cl")
        books = try json["bk"].ifPresent.map(Books.init(json:)) ?? usualBooks
        if let whole = try json["hh"].ifPresent {
            history = try whole.list()
        } else {
            history = firstEntry + (try json["h"].ifPresent?.list() ?? [])
        }
        if let rested = try json["r"].ifPresent {
            restedAt = try rested.secondsOrFlag() ?? history.last?.at
        }
    }

    /// What the ledger has of most legs in that state. A part of the stored form: never to change.
    private var usualBooks: Books {
        Books(
            owed: state == .planned ? 0 : 1, paid: state == .succeeded ? 1 : 0,
            credited: state == .credited ? 1 : 0)
    }

    /// How every leg begins that was handed over. A part of the stored form: never to change.
    var firstEntry: [Entry] {
        guard let firstAttemptAt else { return [] }
        return [Entry(at: firstAttemptAt, trigger: "due", state: .submitting)]
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("i", paymentID)
            json.field("p", provider)
            json.field("f", paymentReference)
            json.field("a", amount)
            json.field("s", state)
            if refundAttempt != 1 { json.field("n", refundAttempt) }
            json.flag("x", isKeySpent)
            if attempts != 0 { json.field("k", attempts) }
            json.seconds("t", firstAttemptAt)
            json.seconds("b", budgetFrom)
            json.seconds("d", nextAttemptAt)
            if keyUsedAt == nil, firstAttemptAt != nil {
                json.field("u", false)
            } else if keyUsedAt != firstAttemptAt {
                json.seconds("u", keyUsedAt)
            }
            json.fieldIfPresent("c", calling)
            json.fieldIfPresent("q", doubt)
            json.flag("y", isRepeated)
            json.flag("z", isNoticed)
            json.fieldIfPresent("rf", refundReference)
            json.fieldIfPresent("fr", failureReason)
            json.fieldIfPresent("er", exceptionReason)
            if reversals != 0 { json.field("rv", reversals) }
            json.flag("cl", isClosed)
            if let restedAt {
                let isLast = restedAt == history.last?.at
                if isLast { json.field("r", true) } else { json.seconds("r", restedAt) }
            }
            if books != usualBooks { json.field("bk", books) }
            writeHistory(to: &json)
        }
    }

    private func writeHistory(to json: inout JSONWriter) {
        let first = firstEntry
        guard history.starts(with: first) else { return json.field("hh", history) }
        let later = Array(history.dropFirst(first.count))
        if !later.isEmpty { json.field("h", later) }
    }
}

/// `[owed, paid, credited]`
extension Leg.Books: JSONReadable, JSONWritable {
    init(json: JSONValue) throws(MessageFault) {
        let counts = try json.list(3...3) { (count) throws(MessageFault) in
            Int(try count.signedInteger())
        }
        self.init(owed: counts[0], paid: counts[1], credited: counts[2])
    }

    func write(to json: inout JSONWriter) { [owed, paid, credited].write(to: &json) }
}

/// `t` when, `e` what happened, `s` the state that followed, `o` the operator.
extension Leg.Entry: JSONReadable, JSONWritable {
    init(json: JSONValue) throws(MessageFault) {
        at = try json["t"].seconds()
        trigger = try json["e"].text()
        state = try json["s"].choice()
        by = try json["o"].ifPresent?.text()
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.seconds("t", at)
            json.field("e", trigger)
            json.field("s", state)
            json.fieldIfPresent("o", by)
        }
    }
}

extension JSONValue {
    /// The instant, or nil where true or false stands in its place.
    fileprivate func secondsOrFlag() throws(MessageFault) -> Instant? {
        (try? bool()) == nil ? try seconds() : nil
    }
}
