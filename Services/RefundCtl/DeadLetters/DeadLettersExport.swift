import ArgumentParser
import Foundation
import RefundMessages

/// `dead-letters export`.
struct DeadLettersExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write whole dead letters, one JSON object a line, the oldest first.",
        discussion: """
            Each line has what `list --json` prints of one: its headers, and its body as text and in \
            base64. A page at a time is held, however many there are.
            """)

    @Option(name: .shortAndLong, help: "A new file (default: standard output).")
    var output: String?

    @OptionGroup var filter: DeadLetterFilter
    @OptionGroup var options: DeadLettersOptions

    func run() async throws {
        let console = options.console
        let sink = try LineSink(output)
        let progress = Progress(console)
        defer { progress.end() }
        let listing = DeadLetterAPI.Listing(
            filter, at: .now(), isOldestFirst: true, isWhole: true)
        _ = try await options.api().read(listing, from: nil, limit: nil) { page in
            for line in try page.lines() { try sink.write(line) }
            if output != nil { progress.show("\(sink.count) exported") }
        }
        progress.end()
        if let output, !console.json {
            console.line("\(sink.count) exported to \(output.printable)")
        }
    }
}

/// Where an export goes, line by line.
final class LineSink {
    private let handle: FileHandle
    private(set) var count = 0

    /// - Parameter path: of a file that is not there yet, made for its owner alone: bodies carry
    ///   customers' data. Nil: standard output.
    init(_ path: String?) throws(CommandFailure) {
        guard let path else {
            handle = .standardOutput
            return
        }
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else {
            let why = String(cString: strerror(errno))
            throw CommandFailure(.badInput, "the file \(path) cannot be made: \(why)")
        }
        handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    }

    func write(_ line: [UInt8]) throws(CommandFailure) {
        do {
            try handle.write(contentsOf: Data(line + [UInt8(ascii: "\n")]))
        } catch {
            throw CommandFailure(.badInput, "the export cannot be written: \(error)")
        }
        count += 1
    }
}
