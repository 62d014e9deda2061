import ArgumentParser
import RefundMessages

/// A page of a list: how long, and after which place of an earlier one.
struct PageOptions: ParsableArguments {
    static let maximum = 1_000

    @Option(help: "Rows, at most (1 to 1000).")
    var limit = 100

    @Option(
        name: [.customLong("after"), .customLong("before")],
        help: "Where an earlier page ended, as it said.")
    var place: String?

    func validate() throws {
        guard (1...Self.maximum).contains(limit) else {
            throw ValidationError("--limit takes 1 to \(Self.maximum).")
        }
    }

    /// - Parameter place: the API's name for it.
    func query(_ place: String) -> [(name: String, value: String)] {
        [("limit", String(limit))] + (self.place.map { [(place, $0)] } ?? [])
    }

    /// Says where the next page begins, if there is one.
    func tellNext(
        _ next: JSONValue, _ option: String, on console: Console
    ) throws(MessageFault) {
        guard let place = try next.ifPresent?.text(1...300) else { return }
        console.line("There is more: \(option) '\(place.printable)'")
    }
}
