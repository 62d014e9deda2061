import RefundMessages

extension JobRequest.Selection: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            switch self {
            case .ids(let ids): json.field("ids", ids.map(String.init))
            case .filter(let filter): json.field("filter", filter)
            }
        }
    }
}

extension RecordFilter: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.fieldIfPresent("state", state?.rawValue)
            json.fieldIfPresent("queue", queue)
            json.fieldIfPresent("reason", reason)
            json.fieldIfPresent("type", type)
            json.fieldIfPresent("requestId", requestID)
            json.fieldIfPresent("orderId", orderID)
            json.fieldIfPresent("fingerprint", fingerprint)
            json.fieldIfPresent("since", since)
            json.fieldIfPresent("until", until)
            json.fieldIfPresent("text", text)
        }
    }
}
