import Foundation

/// Where a command says what it found: tables and sentences for people, or JSON for programs.
struct Console: Sendable {
    let language: Language
    let json: Bool
    /// Colour on standard output: a terminal, NO_COLOR not set (no-color.org), no JSON.
    let colour: Bool
    /// Whether progress may be drawn over itself on standard error.
    let showsProgress: Bool

    init(language: Language, json: Bool) {
        self.language = language
        self.json = json
        let isDumb = GlobalOptions.environment("TERM") == "dumb"
        colour =
            !json && !isDumb && GlobalOptions.environment("NO_COLOR") == nil
            && isatty(STDOUT_FILENO) == 1
        showsProgress = !isDumb && isatty(STDERR_FILENO) == 1
    }

    /// A line that is ours, or was made printable.
    func line(_ text: String = "") { write(text + "\n") }

    /// A sentence beside the answer, on standard error: may hold data from outside.
    func note(_ text: String) {
        FileHandle.standardError.write(Data("refundctl: \(text.printable)\n".utf8))
    }

    func table(_ table: Table) {
        for line in table.lines(colour: colour) { self.line(line) }
    }

    /// One JSON text and a line break.
    func json(_ bytes: some Sequence<UInt8>) {
        FileHandle.standardOutput.write(Data(bytes) + Data("\n".utf8))
    }

    /// Part of a line, as ``line(_:)``.
    func text(_ text: String) { write(text) }

    func paint(_ text: String, _ style: Style) -> String { style.paint(text, colour: colour) }

    private func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
