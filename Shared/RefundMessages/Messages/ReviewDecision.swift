/// `review.decision.v1`: an operator decides lines that are in review.
public struct ReviewDecision: Sendable, Hashable {
    /// Approve or deny.
    public enum Decision: String, Sendable, Hashable, CaseIterable { case approve, deny }

    /// The request in review.
    public var requestID: String
    /// Nil: every line of the request that is in review (then without `amount`).
    public var lineID: String?
    /// What the operator says.
    public var decision: Decision
    /// Minor units, from 1, for an approval of one line only.
    public var amount: Int64?
    /// 1–128 characters.
    public var `operator`: String
    /// At most 500 characters.
    public var note: String?

    /// From its parts, which are not checked.
    public init(
        requestID: String, lineID: String? = nil, decision: Decision, amount: Int64? = nil,
        operator: String, note: String? = nil
    ) {
        self.requestID = requestID
        self.lineID = lineID
        self.decision = decision
        self.amount = amount
        self.operator = `operator`
        self.note = note
    }
}
