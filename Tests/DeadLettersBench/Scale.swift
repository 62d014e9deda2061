import AMQP
import ArgumentParser
import DeadLettersSupport
import Foundation
import RefundMessages
import TestSupport

/// Fills the store through the broker, and measures what looking and replaying costs then.
struct Scale: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Drain many dead letters, then page, group and replay them.")

    @Option(help: "Dead letters to store.") var count = 1_000_000
    @Option(help: "Pages measured of each kind.") var pages = 300
    @Option(help: "Messages replayed, and how many a second.") var replayed = 10_000
    @Option(help: "Messages a second.") var rate = 1_000

    /// Published together.
    private static let burst = 2_000

    func run() async throws {
        try await DeadLetterSystem.with { system in
            try await fill(system)
            try report(system, "after the drain")
            try await measurePages(system)
            try await measureGroups(system)
            try await measureOverview(system)
            try await measureReplay(system)
            try report(system, "at the end")
        }
    }

    private func fill(_ system: DeadLetterSystem) async throws {
        let start = ContinuousClock.now
        var published = 0
        while published < count {
            let part = (published..<min(published + Self.burst, count)).map(Self.message)
            var rest = part
            while !rest.isEmpty {
                let outcomes = try await system.client.publisher.publish(rest)
                rest = zip(rest, outcomes).filter { $1 != .confirmed }.map(\.0)
            }
            published += part.count
        }
        let wanted = count
        let isStored = try await eventually(within: 3_600) {
            try await system.total() >= wanted
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let total = try await system.total()
        print("drain: \(total) stored in \(format(seconds)) s: \(Int(Double(total) / seconds))/s")
        guard isStored, total == count else { throw SupportFailure("\(total) of \(count) stored") }
    }

    /// Queues, reasons, paths and orders as a real mixture has them, bodies of about 300 bytes.
    private static func message(_ number: Int) -> OutgoingMessage {
        let reasons = ["invalid_message", "malformed_json", "unknown_line", "request_conflict"]
        let queues = [
            "refund.requests", "refund.facts.orders", "refund.reviews", "refund.payments",
        ]
        let reason = reasons[number % 7 % 4]
        let path = reason == "invalid_message" ? "/lines/\(number % 9)/field\(number % 50)" : nil
        let note = String(repeating: "text of the customer ", count: 8)
        return DeadLetterSamples.fromService(
            """
            {"requestId":"r-\(number)","orderId":"o-\(number / 3)","accountId":"a-\(number % 1000)",\
            "requestedAt":"2026-11-23T07:00:00Z","reason":"\(note)\(number)"}
            """, id: "m-\(number)", reason: reason, path: path, queue: queues[number % 11 % 4])
    }

    // MARK: - Looking

    private func measurePages(_ system: DeadLetterSystem) async throws {
        let last = count
        let random = { () -> Int in Int.random(in: 1...last) }
        let kinds: [(String, () -> String)] = [
            ("newest", { "sort=newest" }),
            ("anywhere", { "cursor=\(random())" }),
            ("oldest, anywhere", { "sort=oldest&cursor=\(random())" }),
            ("state", { "state=open&cursor=\(random())" }),
            (
                "queue and reason",
                { "queue=refund.reviews&reason=malformed_json&cursor=\(random())" }
            ),
            ("what nothing matches", { "queue=refund.reviews&reason=expired" }),
            ("order", { "orderId=o-\(random() / 3)" }),
            ("request", { "requestId=r-\(random())" }),
            ("text", { "text=customer%20\(random())&cursor=\(random())" }),
            ("with contents", { "view=full&cursor=\(random())" }),
        ]
        var all: [Double] = []
        for (name, query) in kinds {
            let times = try await measure(system, pages) { "/v1/dead-letters?\(query())" }
            all += times
            print("page, \(name): \(summary(times))")
        }
        print("page, any: \(summary(all))")
        let limit = 50
        let deep = max(1, count - 10_000 * limit)
        let first = try await measure(system, pages) { "/v1/dead-letters?limit=\(limit)" }
        let tenThousandth = try await measure(system, pages) {
            "/v1/dead-letters?limit=\(limit)&cursor=\(deep)"
        }
        let ratio = median(tenThousandth) / median(first)
        print("page 10,000 to page 1 (medians): \(format(ratio))")
    }

    private func measureGroups(_ system: DeadLetterSystem) async throws {
        let times = try await measure(system, pages) { "/v1/groups?limit=200" }
        print("groups: \(summary(times))")
        let sums = try await measure(system, pages) { "/v1/summary" }
        print("summary: \(summary(sums))")
    }

    private func measure(
        _ system: DeadLetterSystem, _ times: Int, _ path: () -> String
    ) async throws -> [Double] {
        var milliseconds: [Double] = []
        for _ in 0..<times {
            let path = path()
            let start = ContinuousClock.now
            let answer = try await system.call("GET", path)
            milliseconds.append((ContinuousClock.now - start) / .milliseconds(1))
            guard answer.status == 200 else { throw SupportFailure("\(path): \(answer.status)") }
        }
        return milliseconds
    }

    // MARK: - Replaying

    /// The dry run of a replay of everything.
    private func measureOverview(_ system: DeadLetterSystem) async throws {
        let job = #"{"key":"everything","action":"replay","select":{"filter":{}}}"#
        let start = ContinuousClock.now
        let made = try await system.call("POST", "/v1/jobs", body: job)
        guard let id = made.json["id"] as? String else { throw SupportFailure("no job") }
        let isPrepared = try await eventually(within: 1_800) {
            try await system.call("GET", "/v1/jobs/\(id)").json["state"] as? String == "prepared"
        }
        guard isPrepared else { throw SupportFailure("the job stays in preparation") }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let total = try await system.call("GET", "/v1/jobs/\(id)").json["total"] as? Int ?? 0
        print("dry run: \(total) judged in \(format(seconds)) s: \(Int(Double(total) / seconds))/s")
        let times = try await measure(system, pages) { "/v1/jobs/\(id)/overview" }
        print("its overview: \(summary(times))")
        try report(system, "after the dry run")
        _ = try await system.call("POST", "/v1/jobs/\(id)/cancel")
    }

    private func measureReplay(_ system: DeadLetterSystem) async throws {
        let ids = (1...min(replayed, count)).map { "\"\($0)\"" }.joined(separator: ",")
        let job = """
            {"key":"bench","action":"replay","ratePerSecond":\(rate),"queue":"refund.reviews",
             "select":{"ids":[\(ids)]}}
            """
        let made = try await system.call("POST", "/v1/jobs", body: job)
        guard let id = made.json["id"] as? String else { throw SupportFailure("no job") }
        _ = try await eventually {
            try await system.call("GET", "/v1/jobs/\(id)").json["state"] as? String == "prepared"
        }
        let start = ContinuousClock.now
        _ = try await system.call("POST", "/v1/jobs/\(id)/start")
        let ended = try await system.finished(id, within: 600)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let done = ended["done"] as? Int ?? 0
        print(
            "replay at \(rate)/s: \(done) in \(format(seconds)) s: "
                + "\(Int(Double(done) / seconds))/s")
    }

    private func report(_ system: DeadLetterSystem, _ when: String) throws {
        let mebibytes = Double(try system.process.residentBytes()) / 1_048_576
        print("resident memory \(when): \(format(mebibytes)) MiB")
    }
}

func format(_ number: Double) -> String { String(format: "%.2f", number) }

func median(_ values: [Double]) -> Double { percentile(values, 0.5) }

func percentile(_ values: [Double], _ part: Double) -> Double {
    let sorted = values.sorted()
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
}

func summary(_ milliseconds: [Double]) -> String {
    "p50 \(format(median(milliseconds))) ms, p99 \(format(percentile(milliseconds, 0.99))) ms, "
        + "most \(format(milliseconds.max() ?? 0)) ms"
}
