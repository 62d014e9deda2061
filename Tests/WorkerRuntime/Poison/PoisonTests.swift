import Glibc
import Testing

@testable import WorkerRuntime

@Suite("A poisonous message takes no neighbour along", .serialized, .timeLimit(.minutes(3)))
struct PoisonTests {
    /// By `make bench-poison`; the limit of the ratio is looked at there, on a quiet machine.
    private static let isMeasured = getenv("REFUND_POISON") != nil

    @Test(
        "10,000 messages with 10 poisonous ones: those and no others are dead letters",
        .enabled(if: isMeasured))
    func measure() async throws {
        let count = 10_000
        let poison =
            (1...4).map { "crash \($0)" } + (1...3).map { "malformed \($0)" }
            + (1...3).map { "endless \($0)" }
        var bodies = (0..<count).map { "message \($0)" }
        let without = try await PoisonRun.of(bodies, within: 120)
        for (body, place) in zip(poison, bodies.indices.shuffled()) { bodies[place] = body }
        let with = try await PoisonRun.of(bodies, within: 120)
        let ratio = with.time / without.time
        print(
            """
            poison: \(count) messages in \(without.time); with 10 poisonous ones the others in \
            \(with.time), ratio \(ratio), \(with.lives) lives \
            with \(PoisonRun.restart) between them
            """)
        #expect(with.letters == Self.letters(poison))
        #expect(without.letters == [])
        #expect(without.lives == 1)
    }

    @Test(
        "Crashing messages in a row, several workers, and an operator who kills them at random",
        arguments: isMeasured ? [1, 3] : [3])
    func manyInARow(workers: Int) async throws {
        var bodies = (0..<1_500).map { "message \($0)" }
        let poison = (0..<12).map { "crash \($0)" }
        bodies.insert(contentsOf: poison.prefix(8), at: 40)
        bodies.insert(contentsOf: poison.suffix(4), at: 600)
        let run = try await PoisonRun.of(bodies, workers: workers, killing: 10, within: 120)
        print("poison: 12 crashing ones, \(workers) workers: \(run.time), \(run.lives) lives")
        #expect(run.letters == Self.letters(poison))
    }

    private static func letters(_ poison: [String]) -> [String] {
        poison.map { body in
            let reasons = [
                "crash": "delivery_limit", "malformed": "malformed_json",
                "endless": "retries_exhausted",
            ]
            return body + " " + (reasons[String(body.prefix { $0 != " " })] ?? "")
        }.sorted()
    }
}
