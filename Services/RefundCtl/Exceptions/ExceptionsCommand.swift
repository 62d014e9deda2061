import ArgumentParser
import RefundMessages

/// `exceptions list|show|retry|credit|close|audit`.
struct ExceptionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exceptions",
        abstract: "Work off refunds that could be neither paid nor safely sent elsewhere.",
        discussion: """
            What is done is kept for good with the operator's name and note. Above a configured \
            amount two operators must want the same: the first proposes, the second confirms with \
            the same command.
            """,
        subcommands: [
            List.self, Show.self, Retry.self, Credit.self, Close.self, Audit.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what is in exception, the oldest first.")

        @Option(help: "Only those of this reason.")
        var reason: String?

        @OptionGroup var page: PageOptions

        @OptionGroup var options: GlobalOptions

        func run() async throws {
            let console = options.console
            let query = page.query("after") + (reason.map { [("reason", $0)] } ?? [])
            guard let (bytes, root) = try await options.api().json(["exceptions"], query) else {
                throw CommandFailure(.refused, "the API has no list of exceptions")
            }
            if console.json { return console.json(bytes) }
            let rows = try root["exceptions"].list(of: ExceptionRow.self)
            guard !rows.isEmpty else { return console.line("Nothing is in exception") }
            var table = Table(
                "REFUND", "REASON", ">AMOUNT", "ORDER", "PROVIDER", "SINCE", "PROPOSED")
            for row in rows { table.add(row.cells) }
            console.table(table)
            try page.tellNext(root["next"], "--after", on: console)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one: why, how it came about, and what each action would do.")

        @OptionGroup var target: ExceptionTarget

        @OptionGroup var options: GlobalOptions

        func run() async throws {
            let api = try options.api()
            let path = try await target.path(api)
            guard let (bytes, root) = try await api.json(path) else {
                throw CommandFailure(.refused, "no refund \(target.refund) is known")
            }
            let console = options.console
            if console.json { return console.json(bytes) }
            try ExceptionView(json: root).print(on: console)
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have it tried again, with as much time as at first; looked up first.")

        @OptionGroup var wish: ExceptionWish
        @OptionGroup var options: GlobalOptions

        func run() async throws { try await wish.run(.retry, options) }
    }

    struct Credit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Credit the account balance instead, unless the provider says that it paid.")

        @OptionGroup var wish: ExceptionWish
        @OptionGroup var options: GlobalOptions

        func run() async throws { try await wish.run(.credit, options) }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close it without payment, or bear what was paid too much.")

        @OptionGroup var wish: ExceptionWish
        @OptionGroup var options: GlobalOptions

        func run() async throws { try await wish.run(.close, options) }
    }

    struct Audit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what operators did, the newest first.")

        @OptionGroup var page: PageOptions
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            let console = options.console
            guard
                let (bytes, root) = try await options.api()
                    .json(["exceptions", "audit"], page.query("before"))
            else { throw CommandFailure(.refused, "the API has no audit") }
            if console.json { return console.json(bytes) }
            let entries = try root["audit"].list(of: AuditEntry.self)
            guard !entries.isEmpty else { return console.line("No operator has done anything yet") }
            var table = Table(
                "TIME", "REFUND", "ACTION", "", "OPERATOR", ">AMOUNT", "REASON", "NOTE")
            for entry in entries { table.add(entry.cells) }
            console.table(table)
            try page.tellNext(root["next"], "--before", on: console)
        }
    }
}
