package import Foundation
import FoundationNetworking
import RefundMessages
import TestSupport

extension DeadLetterSystem {
    package struct Answer {
        package var status: Int
        package var type: String?
        package var body: Data

        /// The body as a JSON object; empty where it is none.
        package var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:]
        }

        /// A member that is a list of objects.
        package func list(_ name: String) -> [[String: Any]] {
            json[name] as? [[String: Any]] ?? []
        }
    }

    private static let session: URLSession = {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = 30
        return URLSession(configuration: configuration)
    }()

    /// Asks the service's API as an operator.
    package func call(
        _ method: String = "GET", _ path: String, body: String? = nil, token: String? = nil,
        operator name: String? = "kim"
    ) async throws -> Answer {
        guard let port = try process.httpPort,
            let url = URL(string: "http://127.0.0.1:\(port)\(path)")
        else { throw SupportFailure("no URL: \(path)") }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        if let name { request.setValue(name, forHTTPHeaderField: "Refund-Operator") }
        if let token = token ?? defaultToken.withLock({ $0 }), !token.isEmpty {
            request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        }
        let (data, response) = try await Self.session.data(for: request)
        let http = response as? HTTPURLResponse
        return Answer(
            status: http?.statusCode ?? 0,
            type: http?.value(forHTTPHeaderField: "Content-Type"), body: data)
    }

    /// The dead letters that the query lets through, all pages.
    package func deadLetters(_ query: String = "") async throws -> [[String: Any]] {
        var all: [[String: Any]] = []
        var cursor = ""
        while true {
            let answer = try await call(
                "GET", "/v1/dead-letters?limit=200&\(query)\(cursor)")
            guard answer.status == 200 else {
                throw SupportFailure(String(decoding: answer.body, as: UTF8.self))
            }
            all += answer.list("deadLetters")
            guard let next = answer.json["next"] as? String else { return all }
            cursor = "&cursor=\(next)"
        }
    }

    /// How many there are, by the kept counts.
    package func total(_ state: String? = nil) async throws -> Int {
        let summary = try await call("GET", "/v1/summary")
        guard let state else { return summary.json["total"] as? Int ?? -1 }
        return summary.list("counts").filter { $0["state"] as? String == state }
            .compactMap { $0["count"] as? Int }.reduce(0, +)
    }

    /// Prepares a job, starts it, and waits for its end.
    package func run(
        _ job: String, within seconds: Double = 240
    ) async throws -> [String: Any] {
        let made = try await call("POST", "/v1/jobs", body: job)
        guard made.status == 201, let id = made.json["id"] as? String else {
            throw SupportFailure(
                "no job: \(made.status) \(String(decoding: made.body, as: UTF8.self))")
        }
        let isPrepared = try await eventually(within: seconds) {
            try await call("GET", "/v1/jobs/\(id)").json["state"] as? String != "preparing"
        }
        guard isPrepared else { throw SupportFailure("the job stays in preparation") }
        _ = try await call("POST", "/v1/jobs/\(id)/start")
        return try await finished(id, within: seconds)
    }

    package func finished(_ id: String, within seconds: Double = 240) async throws -> [String: Any]
    {
        let isOver = try await eventually(within: seconds) {
            try await call("GET", "/v1/jobs/\(id)").json["state"] as? String == "finished"
        }
        let job = try await call("GET", "/v1/jobs/\(id)").json
        guard isOver else { throw SupportFailure("the job does not end: \(job)") }
        return job
    }
}
