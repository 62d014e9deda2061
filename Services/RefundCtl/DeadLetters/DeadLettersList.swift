import ArgumentParser
import RefundMessages

/// `dead-letters list`.
struct DeadLettersList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List dead letters, the newest first.",
        discussion: "With --json one array of whole dead letters, headers and bodies included.")

    @OptionGroup var filter: DeadLetterFilter

    @Flag(help: "The oldest first.")
    var oldest = false

    @OptionGroup var pages: PagesOptions
    @OptionGroup var options: DeadLettersOptions

    func run() async throws {
        let now = Instant.now()
        let console = options.console
        let listing = DeadLetterAPI.Listing(
            filter, at: now, isOldestFirst: oldest, isWhole: console.json)
        try await console.print(
            listing, pages, of: try options.api(), as: DeadLetterRow.titles,
            empty: filter.isEmpty ? "There are no dead letters" : "No dead letter is like that"
        ) { try DeadLetterRow(json: $0).cells(at: now) }
    }
}

extension DeadLetterAPI.Listing {
    init(_ filter: DeadLetterFilter, at now: Instant, isOldestFirst: Bool, isWhole: Bool) {
        self.init(
            path: ["dead-letters"], name: "deadLetters",
            query: filter.conditions(at: now) + [
                ("sort", isOldestFirst ? "oldest" : "newest"),
                ("view", isWhole ? "full" : "summary"),
            ])
    }
}

/// `dead-letters groups`.
struct DeadLettersGroups: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "groups",
        abstract: "Show what went wrong: dead letters of one reason, place and type together.",
        discussion: "`*` in a place stands for any index of a list.")

    enum Order: String, ExpressibleByArgument, CaseIterable { case count, latest }

    @Option(help: "Only groups with dead letters in this state.")
    var state: DeadLetterState?

    @Option(help: "count: the largest first; latest: the last to grow first.")
    var sort: Order = .count

    @OptionGroup var pages: PagesOptions
    @OptionGroup var options: DeadLettersOptions

    func run() async throws {
        let now = Instant.now()
        var listing = DeadLetterAPI.Listing(
            path: ["groups"], name: "groups", query: [("sort", sort.rawValue)])
        if let state { listing.query.append(("state", state.rawValue)) }
        try await options.console.print(
            listing, pages, of: try options.api(), as: GroupRow.titles,
            empty: "There are no dead letters"
        ) { try GroupRow(json: $0).cells(at: now) }
    }
}
