/// Which replay a message is: its header `refund-replay`, `<job>.<dead letter>.<secret>`.
///
/// The secret is the job's, so that a publisher cannot speak for a dead letter that it does not
/// know.
struct ReplayID: Hashable {
    let job: Int64
    let record: Int64
    /// 32 hex digits.
    let secret: String

    init(job: Int64, record: Int64, secret: String) {
        self.job = job
        self.record = record
        self.secret = secret
    }

    /// Nil for a text of any other form.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let job = Int64(parts[0]), let record = Int64(parts[1]), job > 0,
            record > 0, parts[2].utf8.count == 32
        else { return nil }
        self.init(job: job, record: record, secret: String(parts[2]))
    }

    var text: String { "\(job).\(record).\(secret)" }
}
