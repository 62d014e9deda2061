import RefundMessages

/// What must come of a sample set.
struct Expectations {
    /// How many of its messages become dead letters.
    var deadLetters: Int64
    /// An order that no sample asks a refund for, to try by hand.
    var tryNext: (orderID: String, accountID: String)
    var outcomes: [Expectation]

    init(json bytes: [UInt8]) throws(MessageFault) {
        let root = try JSONDocument(bytes, limits: .stored).root
        deadLetters = try root["deadLetters"].integer()
        tryNext = (
            try root["tryNext"]["orderId"].identifier(),
            try root["tryNext"]["accountId"].identifier()
        )
        outcomes = try root["outcomes"].list(of: Expectation.self)
    }
}

/// What the last outcome of one request must say.
struct Expectation: JSONReadable, Hashable {
    struct Line: JSONReadable, Hashable {
        var verdict: LineVerdict
        var resourceStatus: String?

        init(json: JSONValue) throws(MessageFault) {
            verdict = try LineVerdict(json: json)
            resourceStatus = try json["resourceStatus"].ifPresent?.text()
        }
    }

    struct Leg: JSONReadable, Hashable {
        var paymentID: String
        var amount: Int64
        var route: RefundOutcome.Leg.Route
        var status: RefundOutcome.Leg.Status

        init(json: JSONValue) throws(MessageFault) {
            paymentID = try json["paymentId"].identifier()
            amount = try json["amount"].integer()
            route = try json["route"].choice()
            status = try json["status"].choice()
        }
    }

    var requestID: String
    var status: RefundOutcome.Status
    var code: OutcomeCode?
    var orderStatus: String?
    var currency: String?
    var lines: [Line]
    var legs: [Leg]

    init(json: JSONValue) throws(MessageFault) {
        requestID = try json["requestId"].identifier()
        status = try json["status"].choice()
        code = try json["code"].ifPresent?.choice()
        orderStatus = try json["orderStatus"].ifPresent?.text()
        currency = try json["currency"].ifPresent?.currency()
        lines = try json["lines"].list()
        legs = try json["legs"].list()
    }
}
