import RefundMessages

/// A change over a frozen set of dead letters, as the service tells it.
struct Job: JSONReadable {
    var id: String
    var action: String
    var state: String
    var total: Int64
    var waiting: Int64
    var sending: Int64
    var done: Int64
    var skipped: Int64
    var failed: Int64
    var processed: Int64
    var failedAgain: Int64
    /// Line by line; nil where nothing was edited.
    var diff: [DiffLine]?

    struct DiffLine: JSONReadable {
        var op: String
        var text: String

        init(json: JSONValue) throws(MessageFault) {
            op = try json["op"].text()
            text = try json["text"].anyText()
        }
    }

    init(json: JSONValue) throws(MessageFault) {
        id = try json["id"].text()
        action = try json["action"].text()
        state = try json["state"].text()
        total = try json["total"].integer()
        waiting = try json["waiting"].integer()
        sending = try json["sending"].integer()
        done = try json["done"].integer()
        skipped = try json["skipped"].integer()
        failed = try json["failed"].integer()
        processed = try json["processed"].integer()
        failedAgain = try json["failedAgain"].integer()
        diff = try json["diff"].ifPresent?.list()
    }

    /// To how many it applies.
    var applicable: Int64 { total - skipped }
    var isOver: Bool { ["finished", "cancelled"].contains(state) }
    /// Sent, and nothing heard of it yet.
    var unknown: Int64 { max(0, done - processed - failedAgain) }
    var fraction: Double { total == 0 ? 1 : Double(total - waiting - sending) / Double(total) }
}

/// What a job's dead letters would meet, those that are alike counted together, and which failed.
struct JobOverview: JSONReadable {
    struct Group: JSONReadable {
        var queue: String?
        var exchange: String
        var routingKey: String
        var itemState: String
        var forecast: String?
        var reason: String?
        var path: String?
        var detail: String?
        var problem: String?
        var count: Int64
        var exampleID: String

        init(json: JSONValue) throws(MessageFault) {
            queue = try json["queue"].ifPresent?.anyText()
            exchange = try json["exchange"].anyText()
            routingKey = try json["routingKey"].anyText()
            itemState = try json["itemState"].text()
            forecast = try json["forecast"].ifPresent?.text()
            reason = try json["reason"].ifPresent?.anyText()
            path = try json["path"].ifPresent?.anyText()
            detail = try json["detail"].ifPresent?.anyText()
            problem = try json["problem"].ifPresent?.anyText()
            count = try json["count"].integer()
            exampleID = try json["exampleId"].text()
        }

        var destination: String { ForecastText.destination(queue, exchange, routingKey) }
    }

    /// One that could not be sent.
    struct Failure: JSONReadable {
        var id: String
        var problem: String?

        init(json: JSONValue) throws(MessageFault) {
            id = try json["id"].text()
            problem = try json["problem"].ifPresent?.anyText()
        }
    }

    /// One that failed again, and as which.
    struct Successor: JSONReadable {
        var id: String
        var next: String

        init(json: JSONValue) throws(MessageFault) {
            id = try json["id"].text()
            next = try json["as"].text()
        }
    }

    /// The largest first; of more than 200 the rest is not told.
    var groups: [Group]
    /// The first 20.
    var failed: [Failure]
    /// The first 20.
    var failedAgain: [Successor]

    init(json: JSONValue) throws(MessageFault) {
        groups = try json["groups"].list()
        failed = try json["failed"].list()
        failedAgain = try json["failedAgain"].list()
    }
}
