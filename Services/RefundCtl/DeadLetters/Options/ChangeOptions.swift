import ArgumentParser
import Foundation
import RefundMessages

/// How a change is agreed to.
struct ChangeOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Do it without asking.")
    var yes = false

    @Flag(help: "Only say what would happen.")
    var dryRun = false

    @Option(
        help: """
            1 to 64 letters, digits or . _ : - (default: a new one); the same again is the same \
            change, and nothing is done twice.
            """)
    var idempotencyKey: String?

    func validate() throws {
        guard idempotencyKey.map(isIdentifier) ?? true else {
            throw ValidationError("--idempotency-key takes an id (1–64 of A–Z a–z 0–9 . _ : -).")
        }
    }

    var key: String { idempotencyKey ?? UUID().uuidString.lowercased() }
}

/// How replayed messages are sent, and for how long they are followed.
struct ReplayOptions: ParsableArguments {
    static let rates = 1...10_000
    static let defaultRate = 100
    /// Until each one's end is known: 30 s by default.
    static let defaultWaitSeconds = 30

    @Option(help: "To this queue, instead of the one each came from.")
    var to: String?

    @Option(help: "Messages a second, at most (1 to 10000).")
    var rate = ReplayOptions.defaultRate

    @Option(help: "Wait at most that many seconds for what becomes of them (0: do not wait).")
    var wait = ReplayOptions.defaultWaitSeconds

    func validate() throws {
        guard Self.rates.contains(rate) else {
            throw ValidationError("--rate takes 1 to 10000 messages a second.")
        }
        guard (0...OutcomeWait.maxSeconds).contains(wait) else {
            throw ValidationError("--wait takes 0 to \(OutcomeWait.maxSeconds) seconds.")
        }
        guard to.map({ (1...255).contains($0.utf8.count) }) ?? true else {
            throw ValidationError("--to takes a queue's name, 1 to 255 bytes.")
        }
    }
}
