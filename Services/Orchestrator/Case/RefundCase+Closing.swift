import RefundMessages

extension RefundCase {
    /// The verdicts after operators have closed legs without payment.
    ///
    /// Lines and legs are laid on the same amount in their order. Of a line that a closed leg would
    /// have paid nothing is paid: it is denied (`settlement_closed`) and free again. One that is paid
    /// in part keeps that part.
    func withoutClosedLegs(_ verdicts: [LineVerdict]) -> [LineVerdict] {
        guard legs.contains(where: \.isClosed) else { return verdicts }
        var verdicts = verdicts
        var start: Int64 = 0
        for index in verdicts.indices where verdicts[index].verdict == .eligible {
            let amount = verdicts[index].amount ?? 0
            guard amount > 0 else { continue }
            let paid = paid(from: start, to: start + amount)
            start += amount
            if paid == 0 {
                verdicts[index].deny(.settlementClosed)
            } else {
                verdicts[index].amount = paid
            }
        }
        denyWhatIsWorthNothing(&verdicts)
        return verdicts
    }

    /// A line without an amount goes with its certificate (SSL-4), or with all the others.
    private func denyWhatIsWorthNothing(_ verdicts: inout [LineVerdict]) {
        let closed = Set(verdicts.lazy.filter { $0.code == .settlementClosed }.map(\.lineID))
        let isAllClosed = legs.allSatisfy(\.isClosed)
        for index in verdicts.indices
        where verdicts[index].verdict == .eligible && (verdicts[index].amount ?? 0) == 0 {
            let parent = lines[index].line.parent
            if isAllClosed || parent.map(closed.contains) ?? false {
                verdicts[index].deny(.settlementClosed)
            }
        }
    }

    /// How much of that stretch of the whole amount legs pay that are not closed.
    private func paid(from start: Int64, to end: Int64) -> Int64 {
        var position: Int64 = 0
        var paid: Int64 = 0
        for leg in legs {
            let (from, to) = (max(start, position), min(end, position + leg.amount))
            if !leg.isClosed, to > from { paid += to - from }
            position += leg.amount
        }
        return paid
    }
}

extension LineVerdict {
    fileprivate mutating func deny(_ code: LineCode) {
        verdict = .denied
        self.code = code
        amount = nil
    }
}
