import ArgumentParser
import Foundation
import RefundMessages

/// `dead-letters edit`.
struct DeadLettersEdit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Edit the body of one and send it, under a new message id.",
        discussion: """
            The body is opened in $VISUAL or $EDITOR, in a file that only you can read. What you \
            leave there is checked by the code that will read it, shown as a difference, and sent \
            once you agree; with a fault the editor opens again. JSON is sent without the white \
            space between its parts. The dead letter keeps its own body, and the two are linked.
            """)

    @OptionGroup var deadLetter: DeadLetterID

    @Option(help: "The new body from a file, or - for standard input, byte for byte; no editor.")
    var body: String?

    @OptionGroup var replay: ReplayOptions
    @OptionGroup var change: ChangeOptions
    @OptionGroup var options: DeadLettersOptions

    func run() async throws {
        let api = try options.api()
        let view = try DeadLetterView(try await api.deadLetter(deadLetter.id))
        guard view.row.state == DeadLetterState.open.rawValue else {
            throw CommandFailure(
                .refused, "dead letter \(view.row.id) is \(view.row.state), not open")
        }
        let edit = Edit(run: JobRun(api, options.console, change), options: replay, view: view)
        guard let body else { return try await edit.interactively() }
        try await edit.with(Self.bytes(of: body))
    }

    private static func bytes(of file: String) throws(CommandFailure) -> [UInt8] {
        let handle =
            file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file)
        guard let handle, let data = try? handle.read(upToCount: Draft.maxBytes + 1) ?? Data()
        else {
            throw CommandFailure(.badInput, "the file \(file) cannot be read")
        }
        guard data.count <= Draft.maxBytes else {
            throw CommandFailure(.badInput, "\(file) has more than \(Draft.maxBytes) bytes")
        }
        return [UInt8](data)
    }
}
