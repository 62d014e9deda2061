import AMQP
import RefundMessages
import TestSupport

extension RefundSystem {
    /// Waits until each scenario has come to its ending, approving what is in review.
    /// - Throws: with the first few that did not.
    func awaitEndings(of scenarios: [Scenario], within seconds: Double) async throws {
        var open = Dictionary(uniqueKeysWithValues: scenarios.map { ($0.id, $0) })
        var approved: Set<String> = []
        var seen = 0
        let came = try await eventually(within: seconds) {
            let arrivals = messages.arrivals(after: seen)
            seen = arrivals.count
            var approvals: [OutgoingMessage] = []
            for scenario in arrivals.requestIDs.compactMap({ open[$0] }) {
                guard let latest = messages.latest(of: scenario.id) else { continue }
                if Scenario.ending(of: latest) == scenario.ending { open[scenario.id] = nil }
                if scenario.isApproved, latest.status == .inReview,
                    approved.insert(scenario.id).inserted
                {
                    approvals.append(scenario.approval)
                }
            }
            if !approvals.isEmpty { try await publish(approvals) }
            return open.isEmpty
        }
        guard !came else { return }
        let examples = open.values.prefix(5).map { scenario in
            let latest = messages.latest(of: scenario.id).map { "\(Scenario.ending(of: $0))" }
            return "\(scenario.id): \(latest ?? "no outcome") instead of \(scenario.ending)"
        }
        throw SupportFailure(
            "\(open.count) of \(scenarios.count) did not come to their ending:\n"
                + examples.joined(separator: "\n"))
    }

    /// Those whose latest outcome is no longer their ending.
    func changed(of scenarios: [Scenario]) -> [String] {
        scenarios.filter { messages.latest(of: $0.id).map(Scenario.ending) != $0.ending }.map(\.id)
    }

    /// Publishes a scenario's facts and request, and waits for its ending.
    @discardableResult
    func run(_ scenario: Scenario, within seconds: Double = 240) async throws -> RefundOutcome? {
        try await publish(scenario.facts + [.request(scenario.request)])
        try await awaitEndings(of: [scenario], within: seconds)
        return messages.latest(of: scenario.id)
    }
}
