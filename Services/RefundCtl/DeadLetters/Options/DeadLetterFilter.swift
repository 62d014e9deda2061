import ArgumentParser
import RefundMessages

/// What an operator has decided of a dead letter so far.
enum DeadLetterState: String, ExpressibleByArgument, CaseIterable {
    case open, replaying, replayed, resolved, discarded

    var style: Style {
        switch self {
        case .open: .bad
        case .replaying, .replayed: .pending
        case .resolved: .good
        case .discarded: .faint
        }
    }
}

/// Which dead letters are meant: those that every given condition lets through.
struct DeadLetterFilter: ParsableArguments {
    @Option(help: "In this state: open, replaying, replayed, resolved or discarded.")
    var state: DeadLetterState?

    @Option(help: "From this queue.")
    var queue: String?

    @Option(help: "For this reason, as invalid_message.")
    var reason: String?

    @Option(help: "Of this type, as refund.request.v1.")
    var type: String?

    @Option(help: "Of this request.")
    var request: String?

    @Option(help: "Of this order.")
    var order: String?

    @Option(help: "Of this group, as `groups` names it.")
    var group: String?

    @Option(help: "That arrived longer ago than that: 90s, 10m, 2h, 3d.")
    var olderThan: Age?

    @Option(help: "That arrived since: 90s, 10m, 2h, 3d.")
    var newerThan: Age?

    @Option(help: "With this text in the body, byte for byte (1 to 200 characters).")
    var text: String?

    func validate() throws {
        for (name, id) in [("--request", request), ("--order", order)] {
            guard id.map(isIdentifier) ?? true else {
                throw ValidationError("\(name) takes an id (1–64 of A–Z a–z 0–9 . _ : -).")
            }
        }
        for (name, text, most) in [
            ("--queue", queue, 255), ("--type", type, 255), ("--text", text, 200),
        ] {
            guard text.map({ (1...most).contains($0.unicodeScalars.count) }) ?? true else {
                throw ValidationError("\(name) takes 1 to \(most) characters.")
            }
        }
        let isCode = { (text: String) in
            (1...64).contains(text.utf8.count)
                && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
        }
        guard reason.map(isCode) ?? true else {
            throw ValidationError("--reason takes a code of a–z and _.")
        }
        let isHex = { (byte: UInt8) in (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
        }
        guard group.map({ $0.utf8.count == 16 && $0.utf8.allSatisfy(isHex) }) ?? true else {
            throw ValidationError("--group takes 16 hex digits.")
        }
    }

    /// The API's names of the conditions that are given. Ages count from `now`.
    func conditions(at now: Instant) -> [(name: String, value: String)] {
        [
            ("state", state?.rawValue), ("queue", queue), ("reason", reason), ("type", type),
            ("requestId", request), ("orderId", order), ("fingerprint", group),
            ("since", newerThan?.instant(before: now).rfc3339),
            ("until", olderThan?.instant(before: now).rfc3339), ("text", text),
        ].compactMap { name, value in value.map { (name, $0) } }
    }

    var isEmpty: Bool { conditions(at: Instant(seconds: 0)).isEmpty }
}
