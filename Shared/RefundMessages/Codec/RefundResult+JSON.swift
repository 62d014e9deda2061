extension RefundResult: JSONReadable, JSONWritable {
    /// The AMQP property `type` of this message.
    public static let messageType = "refund.result.v1"

    /// Reads a message body. Faults come in the order of the fields.
    public static func decode(_ body: [UInt8]) throws(MessageFault) -> RefundResult {
        try RefundResult(json: JSONDocument(body, limits: .outcome).root)
    }

    /// The message body. Where it would pass 256 KiB each line keeps its first steps only, as in an
    /// outcome; see ``RefundOutcome/encode()``.
    public func encode() -> [UInt8] {
        encodeWithin(JSONLimits.outcome.maxBytes, steps: lines.map(\.steps.count)) {
            write(to: &$0, maxSteps: $1)
        }
    }

    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            caseID: try json["caseId"].caseKey(),
            requestID: try json["requestId"].identifier(),
            orderID: try json["orderId"].identifier(),
            product: try json["product"].choice(),
            revision: try json["revision"].integer(1...maxInteger),
            lines: try json["lines"].list(1...100))
        try checkUnique(lines.lazy.map(\.lineID), list: "/lines", name: "lineId")
    }

    package func write(to json: inout JSONWriter) { write(to: &json, maxSteps: .max) }

    private func write(to json: inout JSONWriter, maxSteps: Int) {
        json.object { json in
            json.field("caseId", caseID)
            json.field("requestId", requestID)
            json.field("orderId", orderID)
            json.field("product", product)
            json.field("revision", revision)
            json.name("lines")
            json.array { json in
                for line in lines {
                    json.object { json in
                        json.field("lineId", line.lineID)
                        line.writeFields(to: &json, maxSteps: maxSteps, withText: false)
                    }
                }
            }
        }
    }
}

/// Writes with as many steps a line as fit into `maxBytes`, halving their number until they do.
///
/// Some hundred authorities to reset are the only thing that can grow a message so far. The steps
/// that are left out are still needed when the customer has done those that were told and asks
/// again: the next answer names them.
func encodeWithin(
    _ maxBytes: Int, steps: [Int], _ write: (inout JSONWriter, _ maxSteps: Int) -> Void
) -> [UInt8] {
    var json = JSONWriter(capacity: 2_048)
    var maxSteps = steps.max() ?? 0
    write(&json, maxSteps)
    while json.bytes.count > maxBytes, maxSteps > 1 {
        maxSteps /= 2
        json.reset()
        write(&json, maxSteps)
    }
    return json.bytes
}
