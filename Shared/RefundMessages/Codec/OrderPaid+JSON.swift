extension OrderPaid: JSONReadable, JSONWritable {
    /// The AMQP property `type` of this message.
    public static let messageType = "order.paid.v1"

    /// Reads a message body. Faults come in the order of the contract's fields, then those across
    /// fields in the order of ``checkAcrossFields()``.
    public static func decode(_ body: [UInt8]) throws(MessageFault) -> OrderPaid {
        try OrderPaid(json: JSONDocument(body).root)
    }

    /// The message body.
    public func encode() -> [UInt8] { jsonBytes() }

    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            orderID: try json["orderId"].identifier(),
            version: try json["version"].integer(1...maxInteger),
            accountID: try json["accountId"].identifier(),
            paidAt: try json["paidAt"].instant(),
            currency: try json["currency"].currency(),
            promotion: try json["promotion"].ifPresent?.identifier(),
            payments: try json["payments"].list(),
            lines: try json["lines"].list(1...100))
        try checkAcrossFields()
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("orderId", orderID)
            json.field("version", version)
            json.field("accountId", accountID)
            json.field("paidAt", paidAt)
            json.field("currency", currency)
            json.field("promotion", promotion)
            json.field("payments", payments)
            json.field("lines", lines)
        }
    }
}

extension OrderPayment: JSONReadable, JSONWritable {
    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            paymentID: try json["paymentId"].identifier(),
            provider: try json["provider"].choice(),
            reference: try json["reference"].text(),
            method: try json["method"].text(),
            cash: try json["cash"].integer())
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("paymentId", paymentID)
            json.field("provider", provider)
            json.field("reference", reference)
            json.field("method", method)
            json.field("cash", cash)
        }
    }
}

extension OrderLine: JSONReadable, JSONWritable {
    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            lineID: try json["lineId"].identifier(),
            product: try json["product"].choice(),
            item: try json["item"].ifPresent?.choice() ?? .certificate,
            parent: try json["parent"].ifPresent?.identifier(),
            fee: try json["fee"].integer(),
            cash: try json["cash"].integer())
        if product != .certificates, try json["item"].ifPresent != nil {
            throw try json["item"].fault("must be absent for other products than certificates")
        }
        if item == .managedService, parent == nil { throw try json["parent"].missing() }
        if item == .certificate, parent != nil {
            throw try json["parent"].fault("must be absent but on a managed service")
        }
        guard cash <= fee else { throw try json["cash"].fault("must not exceed the fee") }
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("lineId", lineID)
            json.field("product", product)
            if item != .certificate { json.field("item", item) }
            json.fieldIfPresent("parent", parent)
            json.field("fee", fee)
            json.field("cash", cash)
        }
    }
}
