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
        diff = try json["diff"].ifPresent?.list()
    }

    /// To how many it applies.
    var applicable: Int64 { total - skipped }
    var isOver: Bool { ["finished", "cancelled"].contains(state) }
    var fraction: Double { total == 0 ? 1 : Double(total - waiting - sending) / Double(total) }
}

/// What a job's dead letters would meet and what became of them, those that are alike counted
/// together.
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
        var state: String?
        var failedAgain: Bool
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
            state = try json["state"].ifPresent?.text()
            failedAgain = try json["failedAgain"].bool()
            count = try json["count"].integer()
            exampleID = try json["exampleId"].text()
        }

        var destination: String { ForecastText.destination(queue, exchange, routingKey) }
    }

    /// The largest first; of more than 200 the rest is not told.
    var groups: [Group]

    init(json: JSONValue) throws(MessageFault) { groups = try json["groups"].list() }

    func count(_ holds: (Group) -> Bool) -> Int64 {
        groups.filter(holds).map(\.count).reduce(0, +)
    }
}

/// What became of what was replayed.
struct ReplayEnds: Equatable {
    var processed: Int64 = 0
    var failedAgain: Int64 = 0
    /// Sent, and nothing heard of it yet.
    var unknown: Int64 = 0

    init() {}

    /// - Parameter job: what of it is not in the overview is not known.
    init(_ overview: JobOverview, _ job: Job) {
        processed = overview.count { $0.itemState == "done" && $0.state == "resolved" }
        failedAgain = overview.count { $0.itemState == "done" && $0.failedAgain }
        unknown = max(0, job.done - processed - failedAgain)
    }
}
