import RefundMessages

extension Leg.State: JSONWritable {}
extension Leg.ExceptionReason: JSONWritable {}

extension Leg: JSONReadable, JSONWritable {
    init(json: JSONValue) throws(MessageFault) {
        self.init(
            paymentID: try json["paymentId"].text(), provider: try json["provider"].choice(),
            paymentReference: try json["paymentReference"].text(),
            amount: try json["amount"].integer())
        state = try json["state"].choice()
        attempts = Int(try json["attempts"].integer())
        firstAttemptAt = try json["firstAttemptAt"].ifPresent?.instant()
        nextAttemptAt = try json["nextAttemptAt"].ifPresent?.instant()
        refundReference = try json["refundReference"].ifPresent?.text()
        failureReason = try json["failureReason"].ifPresent?.text()
        exceptionReason = try json["exceptionReason"].ifPresent?.choice()
        reversals = Int(try json["reversals"].ifPresent?.integer() ?? 0)
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("paymentId", paymentID)
            json.field("provider", provider)
            json.field("paymentReference", paymentReference)
            json.field("amount", amount)
            json.field("state", state)
            json.field("attempts", attempts)
            json.fieldIfPresent("firstAttemptAt", firstAttemptAt)
            json.fieldIfPresent("nextAttemptAt", nextAttemptAt)
            json.fieldIfPresent("refundReference", refundReference)
            json.fieldIfPresent("failureReason", failureReason)
            json.fieldIfPresent("exceptionReason", exceptionReason)
            json.field("reversals", reversals)
        }
    }
}
