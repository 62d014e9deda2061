import Database
import RefundMessages

/// An order as billing described it, with what open and finished cases hold of it.
struct StoredOrder: Sendable {
    let document: OrderPaid
    private(set) var claims: [String: (caseID: String, state: LineClaim)] = [:]
    /// Minor units taken from each payment, by payment and case.
    private var takings: [String: [String: Int64]] = [:]

    init(document: SQLRow, claims: [SQLRow], takings: [SQLRow]) throws {
        // What we wrote can be longer than the 64 KiB that a publisher may send.
        self.document = try OrderPaid(
            json: JSONDocument(try document.blob(0), limits: .stored).root)
        for row in claims {
            guard let state = LineClaim(rawValue: try row.text(2)) else {
                throw DatabaseError(.unusable, "claims.state holds an unknown value")
            }
            self.claims[try row.text(0)] = (try row.text(1), state)
        }
        for row in takings {
            self.takings[try row.text(0), default: [:]][try row.text(1)] = try row.integer(2)
        }
    }

    /// What is left of each payment for that case: its cash less what others took.
    func available(to caseID: String) -> [(payment: OrderPayment, left: Int64)] {
        document.payments.map { payment in
            let others = (takings[payment.paymentID] ?? [:]).reduce(Int64(0)) {
                $1.key == caseID ? $0 : $0 + $1.value
            }
            return (payment, payment.cash - others)
        }
    }

    func taken(from paymentID: String) -> Int64 {
        (takings[paymentID] ?? [:]).values.reduce(0, +)
    }

    /// Keeps up with a case that changed in the same transaction.
    mutating func note(_ changed: RefundCase) {
        for (lineID, claim) in claims where claim.caseID == changed.caseID {
            claims[lineID] = nil
        }
        for (lineID, state) in changed.claims { claims[lineID] = (changed.caseID, state) }
        for paymentID in takings.keys { takings[paymentID]?[changed.caseID] = nil }
        for (paymentID, amount) in changed.takings {
            takings[paymentID, default: [:]][changed.caseID] = amount
        }
    }

    /// Whether a newer version would contradict what is being refunded, or was.
    func conflicts(with newer: OrderPaid) -> Bool {
        let isLower = document.payments.contains { payment in
            let cash = newer.payments.first { $0.paymentID == payment.paymentID }?.cash ?? 0
            return cash < taken(from: payment.paymentID)
        }
        if isLower { return true }
        guard !claims.isEmpty else { return false }
        let isOther =
            newer.accountID != document.accountID || newer.paidAt != document.paidAt
            || newer.currency != document.currency || newer.promotion != document.promotion
        return isOther
            || document.lines.contains { claims[$0.lineID] != nil && !newer.lines.contains($0) }
    }
}
