extension RefundOutcome: JSONReadable, JSONWritable {
    /// The AMQP property `type` of this message.
    public static let messageType = "refund.outcome.v1"

    /// Reads a message body. `final`, `text` and whatever else follows from the rest is not read.
    public static func decode(_ body: [UInt8]) throws(MessageFault) -> RefundOutcome {
        try RefundOutcome(json: JSONDocument(body, limits: .outcome).root)
    }

    /// The message body, at most 256 KiB: where it would pass that, each line keeps as many of its
    /// first steps as fit.
    public func encode() -> [UInt8] {
        encodeWithin(
            JSONLimits.outcome.maxBytes, steps: lines.map(\.verdict.steps.count)
        ) { write(to: &$0, maxSteps: $1) }
    }

    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            requestID: try json["requestId"].identifier(),
            orderID: try json["orderId"].identifier(),
            accountID: try json["accountId"].identifier(),
            revision: try json["revision"].integer(1...maxInteger),
            status: try json["status"].choice(),
            code: try json["code"].ifPresent?.choice(),
            orderStatus: try json["orderStatus"].ifPresent?.text(),
            lines: try json["lines"].list(0...100),
            refund: try json["refund"].ifPresent.map { (refund) throws(MessageFault) in
                try Refund(json: refund)
            },
            deadline: try json["deadline"].ifPresent?.instant(),
            decidedAt: try json["decidedAt"].ifPresent?.instant(),
            settledAt: try json["settledAt"].ifPresent?.instant(),
            policyVersion: try json["policyVersion"].text())
    }

    package func write(to json: inout JSONWriter) { write(to: &json, maxSteps: .max) }

    /// The outcome for a store: without the texts, which follow from the codes.
    package func writeWithoutTexts(to json: inout JSONWriter) {
        write(to: &json, maxSteps: .max, withText: false)
    }

    private func write(to json: inout JSONWriter, maxSteps: Int, withText: Bool = true) {
        json.object { json in
            json.field("requestId", requestID)
            json.field("orderId", orderID)
            json.field("accountId", accountID)
            json.field("revision", revision)
            json.field("status", status)
            json.field("final", status.isFinal)
            json.field("code", code)
            json.field("orderStatus", orderStatus)
            json.name("lines")
            json.array { json in
                for line in lines { line.write(to: &json, maxSteps: maxSteps, withText: withText) }
            }
            json.field("refund", refund)
            json.field("deadline", deadline)
            json.field("decidedAt", decidedAt)
            json.field("settledAt", settledAt)
            json.field("policyVersion", policyVersion)
        }
    }
}

extension RefundOutcome.Line: JSONReadable, JSONWritable {
    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            product: try json["product"].choice(),
            verdict: try LineVerdict(json: json),
            resourceStatus: try json["resourceStatus"].ifPresent?.text())
    }

    package func write(to json: inout JSONWriter) { write(to: &json, maxSteps: .max) }

    fileprivate func write(
        to json: inout JSONWriter, maxSteps: Int, withText: Bool = true
    ) {
        json.object { json in
            json.field("lineId", verdict.lineID)
            json.field("product", product)
            verdict.writeFields(to: &json, maxSteps: maxSteps, withText: withText)
            json.field("resourceStatus", resourceStatus)
            if withText { json.field("text", Wording.text(for: verdict.code)) }
        }
    }
}

extension RefundOutcome.Refund: JSONReadable, JSONWritable {
    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            amount: try json["amount"].integer(),
            currency: try json["currency"].currency(),
            legs: try json["legs"].list())
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("amount", amount)
            json.field("currency", currency)
            json.field("legs", legs)
        }
    }
}

extension RefundOutcome.Leg: JSONReadable, JSONWritable {
    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            paymentID: try json["paymentId"].identifier(),
            amount: try json["amount"].integer(),
            route: try json["route"].choice(),
            status: try json["status"].choice(),
            reference: try json["reference"].ifPresent?.text())
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("paymentId", paymentID)
            json.field("amount", amount)
            json.field("route", route)
            json.field("status", status)
            json.field("reference", reference)
        }
    }
}
