import ArgumentParser
import RefundMessages

/// Which dead letters a change is for: some by their ids, what a filter finds, or all.
struct DeadLetterSelection: ParsableArguments {
    /// Named one by one, at most.
    static let mostIDs = 10_000

    @Argument(help: "The dead letters, as the list names them.")
    var ids: [String] = []

    @OptionGroup(title: "Or those that are like this") var filter: DeadLetterFilter

    @Flag(help: "All that it applies to.")
    var all = false

    func validate() throws {
        if let id = ids.first(where: { !isDeadLetterID($0) }) {
            throw ValidationError("'\(id.printable)' is no dead letter's id (a whole number).")
        }
        guard ids.count <= Self.mostIDs else {
            throw ValidationError("At most \(Self.mostIDs) can be named one by one.")
        }
        guard [!ids.isEmpty, !filter.isEmpty, all].count(where: { $0 }) == 1 else {
            throw ValidationError(
                "Name dead letters, or describe them, or say --all: one of these.")
        }
    }

    func write(to json: inout JSONWriter, at now: Instant) {
        json.object { json in
            if !ids.isEmpty { return json.field("ids", ids) }
            json.name("filter")
            json.object { json in
                for (name, value) in filter.conditions(at: now) {
                    json.name(of: name)
                    value.write(to: &json)
                }
            }
        }
    }
}
