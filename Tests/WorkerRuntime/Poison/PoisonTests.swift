import Glibc
import Testing

@testable import WorkerRuntime

@Suite("A poisonous message takes no neighbour along", .serialized, .timeLimit(.minutes(8)))
struct PoisonTests {
    /// By `make bench-poison`; the limit of the ratio is looked at there, on a quiet machine.
    private static let isMeasured = getenv("REFUND_POISON") != nil

    /// All three kinds together, and each alone where it is measured.
    private static let mixtures: [[(kind: String, count: Int)]] = {
        let all = [[("crash", 4), ("malformed", 3), ("endless", 3)]]
        return isMeasured ? all + ["crash", "malformed", "endless"].map { [($0, 10)] } : all
    }()

    @Test(
        "Messages with 10 poisonous ones: those and no others are dead letters, in little more time",
        arguments: mixtures.indices)
    func tenPoisonous(mixture: Int) async throws {
        let count = Self.isMeasured ? 10_000 : 1_000
        let kinds = Self.mixtures[mixture]
        let poison = kinds.flatMap { kind in (1...kind.count).map { "\(kind.kind) \($0)" } }
        var bodies = (0..<count).map { "message \($0)" }
        let without = try await PoisonRun.of(bodies, within: 170)
        for (body, place) in zip(poison, bodies.indices.shuffled()) { bodies[place] = body }
        let with = try await PoisonRun.of(bodies, within: 170)
        let ratio = with.time / without.time
        print(
            """
            poison: \(count) messages of 1 ms in \(without.time) by one worker; \
            with \(kinds.map { "\($0.count) \($0.kind)" }.joined(separator: ", ")) the others in \
            \(with.time), ratio \(ratio), \(with.lives) lives with \(PoisonRun.restart) between them
            """)
        #expect(with.letters == Self.letters(poison))
        #expect(without.letters == [])
        // Where all ten crash, the many lives cost time of their own.
        if Self.isMeasured, kinds.count == 3 { #expect(ratio <= 1.2) }
    }

    @Test(
        "Crashing messages in a row, several workers, and an operator who kills them at random",
        // With three on a busy machine the operator's kills may be held against a harmless message
        // often enough to put it away.
        arguments: isMeasured ? [1, 3] : [1])
    func manyInARow(workers: Int) async throws {
        var bodies = (0..<1_500).map { "message \($0)" }
        let poison = (0..<12).map { "crash \($0)" }
        bodies.insert(contentsOf: poison.prefix(8), at: 40)
        bodies.insert(contentsOf: poison.suffix(4), at: 600)
        let run = try await PoisonRun.of(bodies, workers: workers, kills: 25, within: 170)
        print(
            """
            poison: 12 crashing ones, \(workers) workers: \(run.time), \(run.lives) lives, \
            \(run.copies) copies, at most \(run.mostSuspected) held against a harmless one
            """)
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
