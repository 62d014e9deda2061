import AMQP
import TestSupport

@testable import WorkerRuntime

/// What is told of a run that did not end as it should.
extension PoisonRun {
    /// Of a queue, at most.
    private static let mostShown = 12

    /// The work queue and the delays.
    static let queues = [BrokerRig.work] + RetrySchedule.steps.map { "refund.delay." + $0.name }

    /// Messages ready in each of them.
    static func counts(_ rig: BrokerRig) async throws -> [(queue: String, count: Int)] {
        var counts: [(queue: String, count: Int)] = []
        for queue in queues { counts.append((queue, try await rig.ready(in: queue))) }
        return counts
    }

    /// Where everything is once the workers have ended, and what they said last.
    ///
    /// - Parameter before: what was ready while they ran: the rest was in hand.
    static func scene(
        _ rig: BrokerRig, _ before: [(queue: String, count: Int)], _ words: [[String]]
    ) async throws -> String {
        var lines = ["ready before the workers ended: \(before.filter { $0.count > 0 })"]
        for queue in queues + [BrokerRig.deadLetters] {
            let all = try await rig.rest(of: queue)
            guard !all.isEmpty else { continue }
            lines.append("\(queue), \(all.count): \(all.prefix(mostShown).map(text))")
        }
        for (worker, words) in words.enumerated() {
            lines += words.map { "worker \(worker), \($0)" }
        }
        return lines.joined(separator: "\n")
    }

    private static func text(_ delivery: Delivery) -> String {
        let headers = delivery.properties.headers
        let told = ["refund-reason", "refund-crashes", "refund-trial", "x-delivery-count"]
            .compactMap {
                key in
                headers?[key].map {
                    "\(key) \($0.integer.map(String.init) ?? $0.text(atMost: 255) ?? "?")"
                }
            }
        return "\(String(decoding: delivery.body, as: UTF8.self)) (\(told.joined(separator: ", ")))"
    }
}
