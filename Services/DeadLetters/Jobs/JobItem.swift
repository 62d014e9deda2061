import Database
import RefundMessages

/// One dead letter of a job's set.
struct JobItem: Sendable {
    enum State: String, CaseIterable, Sendable {
        case waiting, sending, done
        /// It was not in a state that the job applies to.
        case skipped
        /// Its message cannot be sent there.
        case failed
    }

    var record: Int64
    var state: State
    var forecast: Forecast.Code?
    var reason: String?
    var path: String?
    var detail: String?
    var problem: String?

    static let columns = "record_id, state, forecast, reason, path, detail, problem"

    init(
        record: Int64, state: State = .waiting, forecast: Forecast? = nil, problem: String? = nil
    ) {
        self.record = record
        self.state = state
        self.forecast = forecast?.code
        reason = forecast?.reason
        path = forecast?.path
        detail = forecast?.detail
        self.problem = problem
    }

    init(_ row: SQLRow) throws {
        record = try row.integer(0)
        state = try row.choice(1)
        forecast = try row.optionalText(2).flatMap(Forecast.Code.init)
        reason = try row.optionalText(3)
        path = try row.optionalText(4)
        detail = try row.optionalText(5)
        problem = try row.optionalText(6)
    }
}
