import Database
import RefundMessages

/// One leg with everything that an operator needs to decide about it.
struct ExceptionView: Sendable {
    /// Acts of operators shown, the oldest first.
    static let maximumAudit: Int64 = 200

    let value: RefundCase
    let leg: Leg
    let limit: SecondPersonLimit
    let proposal: ExceptionProposal?
    let audit: [OperatorAudit]
    let postings: [LedgerPosting]

    /// Nil where the request has no such leg.
    init?(
        _ caseID: String, _ paymentID: String, limit: SecondPersonLimit, now: Instant,
        in connection: any SQLConnection
    ) throws {
        var session = CaseSession(connection, now: now)
        try session.load(cases: [caseID])
        guard let value = session.cases[caseID]?.value,
            let leg = value.legs.first(where: { $0.paymentID == paymentID })
        else { return nil }
        let legID = value.legID(of: leg)
        self.value = value
        self.leg = leg
        self.limit = limit
        proposal = try .of(legID, in: connection)
        audit = try OperatorAudit.of(legID: legID, limit: Self.maximumAudit, in: connection)
        postings = try LedgerPosting.of(legID: legID, in: connection)
    }
}

extension ExceptionView: JSONWritable {
    func write(to json: inout JSONWriter) {
        let currency = value.terms?.currency ?? ""
        json.object { json in
            json.field("legId", value.legID(of: leg))
            json.field("requestId", value.request.requestID)
            json.field("paymentId", leg.paymentID)
            json.field("orderId", value.request.orderID)
            json.field("accountId", value.request.accountID)
            json.field("provider", leg.provider)
            json.field("paymentReference", leg.paymentReference)
            json.field("refundReference", leg.refundReference)
            json.field("amount", leg.amount)
            json.field("currency", currency)
            json.field("state", leg.stage == .closed ? "closed" : leg.state.rawValue)
            json.field("reason", leg.state == .exception ? leg.exceptionReason : nil)
            json.field("failureReason", leg.failureReason)
            json.field("since", leg.state == .exception ? leg.restedAt : nil)
            json.field("outcome", value.outcome?.status)
            json.name("actions")
            json.array { json in
                for action in ExceptionAction.allCases { write(action, currency, to: &json) }
            }
            json.field("proposal", proposal)
            json.name("history")
            json.array { json in
                for entry in leg.history { write(entry, to: &json) }
            }
            json.field("audit", audit)
            json.field("postings", postings)
        }
    }

    /// In full: the stored form has short names.
    private func write(_ entry: Leg.Entry, to json: inout JSONWriter) {
        json.object { json in
            json.field("at", entry.at)
            json.field("trigger", entry.trigger)
            json.field("state", entry.state)
            json.fieldIfPresent("by", entry.by)
        }
    }

    private func write(
        _ action: ExceptionAction, _ currency: String, to json: inout JSONWriter
    ) {
        let effect = leg.effect(of: action)
        json.object { json in
            json.field("action", action)
            json.field("possible", effect.isPossible)
            json.field("effect", effect)
            json.field("needsSecondPerson", limit.needsSecond(leg.amount, currency))
        }
    }
}

extension ExceptionActionEffect {
    var isPossible: Bool {
        switch self {
        case .triedAgain, .askedAgain, .creditedAfterLookUp, .closedWithoutPayment, .lossBorne: true
        case .notAfterPayout, .notInException: false
        }
    }
}
