import Foundation

/// One contestant's run: publishing, then consuming the same messages.
struct RunFigures {
    var publish: ClientFigures
    var consume: ClientFigures
    var messages: Int

    var publishRate: Double { Double(messages) / publish.seconds }
    var consumeRate: Double { Double(messages) / consume.seconds }
    /// Microseconds a message.
    var publishCPU: Double { publish.cpu / Double(messages) * 1e6 }
    var consumeCPU: Double { consume.cpu / Double(messages) * 1e6 }
    /// Of a message's whole way through a client: published and confirmed, delivered and acked.
    var messageCPU: Double { publishCPU + consumeCPU }
}

/// The two runs of one round.
struct Comparison {
    private var runs: [Contestant: RunFigures] = [:]

    subscript(contestant: Contestant) -> RunFigures? {
        get { runs[contestant] }
        set { runs[contestant] = newValue }
    }

    /// Swift ÷ C.
    func ratio(_ figure: (RunFigures) -> Double) -> Double {
        guard let c = self[.c], let swift = self[.swift] else { return .nan }
        return figure(swift) / figure(c)
    }
}

/// Every run, and the medians of the rounds' ratios beside their limits.
struct ComparisonTable {
    /// What is compared, and what is asked of the median.
    private struct Line: Sendable {
        var name: String
        var figure: @Sendable (RunFigures) -> Double
        var limit: Limit
    }

    private enum Limit {
        case atLeast(Double)
        case atMost(Double)
        case none

        func allows(_ ratio: Double) -> Bool {
            switch self {
            case .atLeast(let limit): ratio >= limit
            case .atMost(let limit): ratio <= limit
            case .none: true
            }
        }

        var text: String {
            switch self {
            case .atLeast(let limit): "at least \(limit)"
            case .atMost(let limit): "at most \(limit)"
            case .none: "part of the above"
            }
        }
    }

    private static let lines = [
        Line(name: "publish msg/s", figure: \.publishRate, limit: .atLeast(0.85)),
        Line(name: "consume msg/s", figure: \.consumeRate, limit: .atLeast(0.85)),
        Line(name: "CPU a message", figure: \.messageCPU, limit: .atMost(2)),
        Line(name: "publish CPU", figure: \.publishCPU, limit: .none),
        Line(name: "consume CPU", figure: \.consumeCPU, limit: .none),
    ]

    private let rounds: [Comparison]

    init(_ rounds: [Comparison]) { self.rounds = rounds }

    var isWithinLimits: Bool { Self.lines.allSatisfy { $0.limit.allows(median($0)) } }

    var text: String {
        var rows = ["round client  publish/s  µs CPU/msg  consume/s  µs CPU/msg"]
        for (number, round) in rounds.enumerated() {
            for contestant in Contestant.allCases {
                guard let run = round[contestant] else { continue }
                rows.append(
                    padded("\(number + 1)", 5) + padded(contestant.rawValue, 7)
                        + padded(run.publishRate, 11, 0) + padded(run.publishCPU, 12, 2)
                        + padded(run.consumeRate, 11, 0) + padded(run.consumeCPU, 12, 2))
            }
        }
        for line in Self.lines {
            let median = median(line)
            let verdict = line.limit.allows(median) ? "" : "  MISSED"
            rows.append(
                "Swift ÷ C, \(line.name): median \(padded(median, 0, 2)) "
                    + "(\(line.limit.text))\(verdict)")
        }
        return rows.joined(separator: "\n")
    }

    private func median(_ line: Line) -> Double {
        let ratios = rounds.map { $0.ratio(line.figure) }.sorted()
        guard !ratios.isEmpty else { return .nan }
        let middle = ratios.count / 2
        return ratios.count.isMultiple(of: 2)
            ? (ratios[middle - 1] + ratios[middle]) / 2 : ratios[middle]
    }

    private func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 0)) + text
    }

    private func padded(_ number: Double, _ width: Int, _ digits: Int) -> String {
        padded(String(format: "%.\(digits)f", number), width)
    }
}
