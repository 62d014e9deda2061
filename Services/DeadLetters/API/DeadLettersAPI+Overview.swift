import Database
import Hummingbird
import RefundMessages
import WorkerRuntime

extension DeadLettersAPI {
    /// A job's dead letters, counted by what would become of them.
    func overview(_ request: Request, _ context: Context) async throws -> Response {
        _ = try Parameters(request, allowed: [])
        let id = try context.recordID()
        return try await database.read { connection in
            guard let job = try Job.load(id, in: connection) else { throw JobRefusal.noJob }
            let overview = try JobOverview(of: job, in: connection)
            return .json { overview.write(to: &$0) }
        }
    }
}
