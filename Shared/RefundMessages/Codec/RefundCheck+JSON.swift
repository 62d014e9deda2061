extension RefundCheck: JSONReadable, JSONWritable {
    /// The AMQP property `type` of this message.
    public static let messageType = "refund.check.v1"

    /// Reads a message body. Faults come in the order of the fields.
    public static func decode(_ body: [UInt8]) throws(MessageFault) -> RefundCheck {
        try RefundCheck(json: JSONDocument(body, limits: .outcome).root)
    }

    /// The message body.
    public func encode() -> [UInt8] { jsonBytes() }

    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            caseID: try json["caseId"].caseKey(),
            requestID: try json["requestId"].identifier(),
            orderID: try json["orderId"].identifier(),
            product: try json["product"].choice(),
            dryRun: try json["dryRun"].bool(),
            requestedAt: try json["requestedAt"].instant(),
            deadline: try json["deadline"].instant(),
            revocationExpectedBy: try json["revocationExpectedBy"].instant(),
            lines: try json["lines"].list(1...100))
        try checkUnique(lines.lazy.map(\.lineID), list: "/lines", name: "lineId")
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("caseId", caseID)
            json.field("requestId", requestID)
            json.field("orderId", orderID)
            json.field("product", product)
            json.field("dryRun", dryRun)
            json.field("requestedAt", requestedAt)
            json.field("deadline", deadline)
            json.field("revocationExpectedBy", revocationExpectedBy)
            json.field("lines", lines)
        }
    }
}

extension CheckLine: JSONReadable, JSONWritable {
    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            lineID: try json["lineId"].identifier(),
            item: try json["item"].choice(),
            parent: try json["parent"].ifPresent?.identifier(),
            managedService: try json["managedService"].ifPresent?.identifier(),
            fee: try json["fee"].integer(),
            refundable: try json["refundable"].integer())
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("lineId", lineID)
            json.field("item", item)
            json.fieldIfPresent("parent", parent)
            json.fieldIfPresent("managedService", managedService)
            json.field("fee", fee)
            json.field("refundable", refundable)
        }
    }
}
