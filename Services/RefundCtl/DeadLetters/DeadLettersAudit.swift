import ArgumentParser
import Foundation
import RefundMessages

/// `dead-letters audit`.
struct DeadLettersAudit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Show who did what and when, the newest first.",
        discussion: "--export writes all of it, one JSON object a line.")

    @Option(help: "Only of this job.")
    var job: String?

    @Option(help: "Write it to this new file, or - for standard output, one JSON object a line.")
    var export: String?

    @OptionGroup var pages: PagesOptions
    @OptionGroup var options: DeadLettersOptions

    func validate() throws {
        guard job.map(isDeadLetterID) ?? true else {
            throw ValidationError("--job takes a job's number.")
        }
    }

    func run() async throws {
        let api = try options.api()
        let console = options.console
        let listing = DeadLetterAPI.Listing(
            path: ["audit"], name: "entries", query: job.map { [("job", $0)] } ?? [])
        guard let export else {
            return try await console.print(
                listing, pages, of: api, as: AuditRow.titles, empty: "Nobody has done anything yet"
            ) { try AuditRow(json: $0).cells }
        }
        let sink = try LineSink(export == "-" ? nil : export)
        _ = try await api.read(listing, from: pages.after, limit: pages.limit) { page in
            for line in try page.lines() { try sink.write(line) }
        }
        if export != "-", !console.json {
            console.line("\(sink.count) exported to \(export.printable)")
        }
    }
}

/// What somebody did.
struct AuditRow: JSONReadable {
    var at: Instant
    var by: String
    var isNameProven: Bool
    var action: String
    var job: String?
    var note: String?
    /// As JSON, without its braces.
    var details: String

    init(json: JSONValue) throws(MessageFault) {
        at = try json["at"].instant()
        by = try json["by"].anyText()
        isNameProven = try json["isNameProven"].bool()
        action = try json["action"].text()
        job = try json["job"].ifPresent?.text()
        note = try json["note"].ifPresent?.anyText()
        let details = try json["details"]
        let kind = try details["action"].ifPresent?.anyText()
        let total = try details["total"].ifPresent?.integer()
        self.details = [kind, total.map(String.init)].compactMap(\.self).joined(separator: " ")
    }

    static let titles = Table("TIME", "WHO", "DID", "JOB", "WHAT", "NOTE")

    var cells: [Table.Cell] {
        [
            Table.Cell(at.toTheSecond),
            Table.Cell((isNameProven ? by : "\(by) (name not proven)").clipped(to: 60)),
            Table.Cell(action), Table.Cell(job ?? ""), Table.Cell(details.clipped(to: 60)),
            Table.Cell((note ?? "").clipped(to: 120)),
        ]
    }
}
