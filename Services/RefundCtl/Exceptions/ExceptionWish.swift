import ArgumentParser
import Foundation
import RefundMessages

/// What retry, credit and close have in common.
struct ExceptionWish: ParsableArguments {
    @OptionGroup var target: ExceptionTarget

    @Option(help: "Why, 1 to 500 characters.")
    var note: String

    @Option(
        help: """
            Who you are, 1 to 128 characters (default: your login name). Where the API knows you by \
            your token it must be the token's name.
            """)
    var `operator`: String?

    @Option(
        help:
            "1 to 128 letters, digits or . _ : - (default: a new one); the same again does nothing twice."
    )
    var idempotencyKey: String?

    func validate() throws {
        guard (1...500).contains(note.unicodeScalars.count) else {
            throw ValidationError("--note takes 1 to 500 characters.")
        }
        if let name = `operator`, !(1...128).contains(name.unicodeScalars.count) {
            throw ValidationError("--operator takes 1 to 128 characters.")
        }
    }

    func run(_ action: ExceptionAction, _ options: GlobalOptions) async throws {
        let console = options.console
        let api = try options.api(as: `operator`)
        let path = try await target.path(api)
        var body = JSONWriter()
        body.object { $0.field("note", note) }
        let (status, bytes, root) = try await api.post(
            path + [action.rawValue], body: body.bytes,
            idempotencyKey: idempotencyKey ?? UUID().uuidString)
        if console.json { return console.json(bytes) }
        let view = try ExceptionView(json: root)
        status == 202 ? view.tellProposed(action, on: console) : view.tellDone(action, on: console)
    }
}
