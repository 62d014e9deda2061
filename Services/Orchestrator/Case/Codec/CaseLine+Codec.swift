import RefundMessages

/// The stored form of a line, under `l` of its case.
///
/// | name | what, and what it is where it is left out |
/// |---|---|
/// | `i` `p` `f` | line, product, fee; `m`: the refundable cash (`f`) |
/// | `k` `pa` `ms` | item (certificate), parent, managed service |
/// | `e` `x` | the promotion's effect (0), not asked of the product's worker |
/// | `j` | what the rules say of it |
/// | `ok`, `no` | a reviewer approved that amount, or denied |
extension CaseLine: JSONReadable, JSONWritable {
    init(json: JSONValue) throws(MessageFault) {
        product = try json["p"].choice()
        let fee = try json["f"].integer()
        line = CheckLine(
            lineID: try json["i"].identifier(),
            item: try json["k"].ifPresent?.choice() ?? .certificate,
            parent: try json["pa"].ifPresent?.identifier(),
            managedService: try json["ms"].ifPresent?.identifier(), fee: fee,
            refundable: try json["m"].ifPresent?.integer() ?? fee)
        effect = PromotionEffect(
            rawValue: UInt8(truncatingIfNeeded: try json["e"].ifPresent?.integer(0...255) ?? 0))
        isChecked = try !json.flag("x")
        if let judged = try json["j"].ifPresent {
            self.judged = try LineVerdict(stored: judged, of: line.lineID)
        }
        if let amount = try json["ok"].ifPresent?.integer() {
            review = .approved(amount: amount)
        } else if try json.flag("no") {
            review = .denied
        }
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("i", line.lineID)
            json.field("p", product)
            json.field("f", line.fee)
            if line.refundable != line.fee { json.field("m", line.refundable) }
            if line.item != .certificate { json.field("k", line.item) }
            json.fieldIfPresent("pa", line.parent)
            json.fieldIfPresent("ms", line.managedService)
            if !effect.isEmpty { json.field("e", Int(effect.rawValue)) }
            json.flag("x", !isChecked)
            if let judged {
                json.name("j")
                judged.writeStored(to: &json, of: line.lineID)
            }
            switch review {
            case .approved(let amount): json.field("ok", amount)
            case .denied: json.field("no", true)
            case nil: break
            }
        }
    }
}

/// The stored form of a verdict on a line.
///
/// | name | what, and what it is where it is left out |
/// |---|---|
/// | `i` | line (the one it stands with) |
/// | `v` `c` | verdict, code (as `v`) |
/// | `r` `a` `s` | rules, amount, steps (none) |
extension LineVerdict {
    init(stored json: JSONValue, of lineID: String) throws(MessageFault) {
        let (verdict, code) = (try json["v"], try json["c"].ifPresent)
        self.init(
            lineID: try json["i"].ifPresent?.identifier() ?? lineID,
            verdict: try verdict.choice(),
            code: code == nil ? try verdict.choice() : try json["c"].choice(),
            rules: try json["r"].ifPresent?.list { (rule) throws(MessageFault) in
                try rule.choice()
            } ?? [],
            amount: try json["a"].ifPresent?.integer(), steps: try json["s"].ifPresent?.list() ?? []
        )
    }

    func writeStored(to json: inout JSONWriter, of lineID: String) {
        json.object { json in
            if self.lineID != lineID { json.field("i", self.lineID) }
            json.field("v", verdict)
            if code.rawValue != verdict.rawValue { json.field("c", code) }
            if !rules.isEmpty { json.field("r", rules) }
            json.fieldIfPresent("a", amount)
            if !steps.isEmpty { json.field("s", steps) }
        }
    }
}
