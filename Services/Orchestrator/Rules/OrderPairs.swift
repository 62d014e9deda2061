import RefundMessages

/// An order's lines with what binds a certificate line to its managed service (SSL-4), as the
/// general rules see them.
struct OrderPairs {
    private let lines: [String: OrderLine]
    private let managedServices: [String: String]
    private let requested: Set<String>
    private let standing: [String: LineStanding]
    private let terms: PromotionReading

    init(
        _ order: OrderPaid, requested: [String], standing: [String: LineStanding],
        terms: PromotionReading
    ) {
        lines = Dictionary(order.lines.map { ($0.lineID, $0) }) { first, _ in first }
        managedServices = Dictionary(
            order.lines.compactMap { line in line.parent.map { ($0, line.lineID) } }
        ) { first, _ in first }
        self.requested = Set(requested)
        self.standing = standing
        self.terms = terms
    }

    func line(_ lineID: String) -> OrderLine? { lines[lineID] }

    func standing(of line: OrderLine) -> LineStanding { standing[line.lineID] ?? .free }

    /// The other line of the pair: a managed service's certificate, or the reverse.
    func partner(of line: OrderLine) -> OrderLine? {
        (line.parent ?? managedServices[line.lineID]).flatMap { lines[$0] }
    }

    /// The other line of the pair where it is asked for too.
    func requestedPartner(of line: OrderLine) -> OrderLine? {
        partner(of: line).flatMap { requested.contains($0.lineID) ? $0 : nil }
    }

    /// The managed service that is still to be refunded with this certificate line.
    func openManagedService(of line: OrderLine) -> String? {
        guard let lineID = managedServices[line.lineID], standing[lineID] != .refunded else {
            return nil
        }
        return lineID
    }

    /// Minor units after `refundablePercent`.
    func refundable(_ line: OrderLine) -> Int64 { terms.refundable(line.cash) }

    /// Whether `refundablePercent` lowered the line's refundable cash.
    func isAmountMoved(_ line: OrderLine) -> Bool { refundable(line) != line.cash }
}
