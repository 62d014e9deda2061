import Database
import Hummingbird
import RefundMessages
import WorkerRuntime

extension DeadLettersAPI {
    /// A job's dead letters, counted by what would become or became of them.
    func overview(_ request: Request, _ context: Context) async throws -> Response {
        _ = try Parameters(request, allowed: [])
        let id = try context.recordID()
        return try await database.read { connection in
            guard let job = try Job.load(id, in: connection) else { throw JobRefusal.noJob }
            let groups = try JobOverview.groups(of: job, in: connection)
            return .json { json in json.object { $0.field("groups", groups) } }
        }
    }
}
