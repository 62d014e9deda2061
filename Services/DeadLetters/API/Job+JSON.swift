import RefundMessages
import WorkerRuntime

extension Job {
    /// `job` of the API's description.
    func write(to json: inout JSONWriter, diff: [BodyDiff.Line]? = nil) {
        json.object { json in
            json.field("id", String(id))
            json.field("key", key)
            json.field("action", action.rawValue)
            json.field("state", state.rawValue)
            json.field("by", by.name)
            json.field("isNameProven", by.isProven)
            json.field("note", note)
            json.field("queue", queue)
            json.field("ratePerSecond", rate)
            json.field("createdAt", createdAt)
            json.field("startedAt", startedAt)
            json.field("finishedAt", finishedAt)
            json.field("total", counts.total)
            for (name, count) in zip(Counts.names, counts.values) {
                json.name(of: name)
                count.write(to: &json)
            }
            json.field("processed", processed)
            json.field("failedAgain", failedAgain)
            json.name("forecast")
            json.object { json in
                for code in Forecast.Code.allCases {
                    json.name(of: code.rawValue)
                    (forecasts[code] ?? 0).write(to: &json)
                }
            }
            json.field("diff", diff)
        }
    }
}

extension BodyDiff.Line: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("op", op.rawValue)
            json.field("text", text)
        }
    }
}

extension JobItem: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("id", String(record))
            json.field("state", state.rawValue)
            json.field("forecast", forecast?.rawValue)
            json.field("reason", reason)
            json.field("path", path)
            json.field("detail", detail)
            json.field("problem", problem)
        }
    }
}

extension Forecast: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("code", code.rawValue)
            json.field("queue", destination.queue)
            json.field("exchange", destination.exchange)
            json.field("routingKey", destination.routingKey)
            json.field("reason", reason)
            json.field("path", path)
            json.field("detail", detail)
        }
    }
}

extension AuditEntry: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("id", String(id))
            json.field("at", at)
            json.field("by", by)
            json.field("isNameProven", isProven)
            json.field("action", action.rawValue)
            json.field("job", job.map(String.init))
            json.field("note", note)
            json.name("details")
            json.embed(details)
        }
    }
}

extension Kind: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("fingerprint", fingerprint)
            json.field("reason", reason)
            json.field("path", path)
            json.field("type", type)
            json.field("count", total)
            json.name("states")
            json.object { json in
                for state in RecordState.allCases {
                    json.name(of: state.rawValue)
                    (byState[state] ?? 0).write(to: &json)
                }
            }
            json.field("firstAt", firstAt)
            json.field("lastAt", lastAt)
            json.field("exampleId", String(lastID))
        }
    }
}
