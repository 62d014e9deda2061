import Database
import RefundMessages

/// Where a job's messages go and what they would meet: those that are alike in it counted together
/// while the set is gathered. Of what became of them, the first that failed; how many did, is the job's
/// to know. Nothing of it grows with the set.
struct JobOverview: JSONWritable {
    /// Groups told, the largest first.
    static let mostGroups: Int64 = 200
    /// Told of those that could not be sent, and of those that failed again.
    static let mostExamples: Int64 = 20

    var groups: [JobGroup]
    var failed: [(record: Int64, problem: String?)]
    var failedAgain: [(record: Int64, next: Int64)]

    init(of job: Job, in connection: any SQLConnection) throws {
        groups = try JobGroup.largest(of: job.id, limit: Self.mostGroups, in: connection)
        failed = try connection.query(
            """
            SELECT record_id, problem FROM job_items WHERE job_id = $1 AND state = 'failed'
            ORDER BY record_id LIMIT \(Self.mostExamples)
            """, [.integer(job.id)]
        ).map { (try $0.integer(0), try $0.optionalText(1)) }
        failedAgain = try connection.query(
            """
            SELECT id, failed_again_as FROM dead_letters
            WHERE job_id = $1 AND failed_again_as IS NOT NULL AND state <> 'resolved'
            ORDER BY id LIMIT \(Self.mostExamples)
            """, [.integer(job.id)]
        ).map { (try $0.integer(0), try $0.integer(1)) }
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("groups", groups)
            json.name("failed")
            json.array { json in
                for (record, problem) in failed {
                    json.object { json in
                        json.field("id", String(record))
                        json.field("problem", problem)
                    }
                }
            }
            json.name("failedAgain")
            json.array { json in
                for (record, next) in failedAgain {
                    json.object { json in
                        json.field("id", String(record))
                        json.field("as", String(next))
                    }
                }
            }
        }
    }
}
