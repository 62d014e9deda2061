import Foundation

/// Asks the person at the terminal before something is done.
enum Question {
    /// Whether there is somebody to ask.
    static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Whether the answer is yes. Enter alone and the end of input are no.
    ///
    /// - Parameters:
    ///   - isAgreed: whether that was said beforehand (`--yes`).
    ///   - undone: completes "without a terminal to ask at …", where nobody can be asked.
    static func agrees(_ question: String, isAgreed: Bool) throws(CommandFailure) -> Bool {
        if isAgreed { return true }
        guard canAsk else {
            throw CommandFailure(
                .refused,
                "nothing was done: there is no terminal to ask at whether this is wanted; say --yes"
            )
        }
        return answer("\(question) [y/N] ").map { ["y", "yes"].contains($0) } ?? false
    }

    /// The answer in lower case, without spaces around it; nil at the end of input.
    static func answer(_ question: String) -> String? {
        FileHandle.standardError.write(Data(question.printable.utf8))
        return readLine()?.trimmingCharacters(in: .whitespaces).lowercased()
    }
}
