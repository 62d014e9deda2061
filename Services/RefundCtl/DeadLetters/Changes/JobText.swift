import RefundMessages

/// What is said of a job before and after it.
enum JobText {
    /// Kinds of what would happen that are shown, at most.
    private static let mostKinds = 20

    /// What would go where, and what would come of it.
    static func dryRun(_ overview: JobOverview, of job: Job, on console: Console) {
        var table = Table(">MESSAGES", "TO", "WOULD MEET", "WHY", "EXAMPLE")
        let kinds = overview.groups.filter { $0.itemState != "skipped" }
        for kind in kinds.prefix(mostKinds) {
            let code = kind.forecast ?? "unchecked"
            let place = kind.path.map { " at \($0)" } ?? ""
            table.add(
                Table.Cell(String(kind.count)), Table.Cell(kind.destination),
                Table.Cell(ForecastText.meaning(code), ForecastText.style(code)),
                Table.Cell(((kind.reason ?? "") + place).clipped(to: 60)),
                Table.Cell(kind.exampleID))
        }
        if !table.rows.isEmpty { console.table(table) }
        let shown = kinds.prefix(mostKinds).map(\.count).reduce(0, +)
        if shown < job.applicable { console.line("… and \(job.applicable - shown) more") }
        skipped(overview, of: job, on: console)
    }

    /// What the job leaves as it is, and why.
    static func skipped(_ overview: JobOverview, of job: Job, on console: Console) {
        guard job.skipped > 0 else { return }
        console.line("\(job.skipped) left as they are:")
        for kind in overview.groups.filter({ $0.itemState == "skipped" }).prefix(mostKinds) {
            console.line(
                "  \(kind.count) as \(kind.exampleID): \((kind.problem ?? "").clipped(to: 120))")
        }
    }

    /// Why there is nothing to do: a failure, since it was asked for.
    static func nothing(_ overview: JobOverview, of job: Job) -> CommandFailure {
        let problem = overview.groups.first { $0.itemState == "skipped" }
        let why = problem.map { ": \($0.exampleID): \(($0.problem ?? "").clipped(to: 120))" } ?? ""
        return CommandFailure(
            .refused, "nothing that this applies to is there to \(job.action)\(why)")
    }

    /// What could not be done.
    static func failure(_ overview: JobOverview, of job: Job) -> CommandFailure {
        let why =
            overview.failed.first
            .map { "; \($0.id): \(($0.problem ?? "").clipped(to: 200))" } ?? ""
        return CommandFailure(.refused, "\(job.failed) of \(job.total) failed\(why)")
    }

    static func number(_ count: Int64, _ one: String = "dead letter") -> String {
        count == 1 ? "1 \(one)" : "\(count) \(one)s"
    }
}
