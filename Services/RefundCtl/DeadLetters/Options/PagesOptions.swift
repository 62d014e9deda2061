import ArgumentParser

/// How much of a list, and from where.
struct PagesOptions: ParsableArguments {
    static let defaultLimit = 50

    @Option(help: "Rows, at most (default: 50; all with --json).")
    var limit: Int?

    @Flag(help: "All of them, page by page.")
    var all = false

    @Option(help: "Where an earlier list ended, as it said.")
    var after: String?

    func validate() throws {
        guard limit ?? 1 >= 1 else { throw ValidationError("--limit takes at least 1.") }
        guard limit == nil || !all else {
            throw ValidationError("Give --limit or --all, not both.")
        }
    }

    /// Nil for all.
    func limit(_ console: Console) -> Int? {
        limit ?? (all || console.json ? nil : Self.defaultLimit)
    }
}
