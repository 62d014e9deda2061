import Foundation
import Synchronization

/// One line on standard error that says how far a command is: redrawn on a terminal, silent
/// elsewhere, wiped when it is done.
final class Progress: Sendable {
    /// Redrawn at most this often: 10 times a second.
    private static let interval: Duration = .milliseconds(100)
    private static let width = 30

    private let isShown: Bool
    private let drawn = Mutex<ContinuousClock.Instant?>(nil)

    init(_ console: Console) { isShown = console.showsProgress }

    /// `fraction` from 0 to 1 draws a bar; nil only says the text.
    func show(_ text: @autoclosure () -> String, fraction: Double? = nil) {
        guard isShown else { return }
        let now = ContinuousClock.now
        let isDue = drawn.withLock { last in
            if let last, now - last < Self.interval, fraction ?? 0 < 1 { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let bar = fraction.map { Self.bar($0) + " " } ?? ""
        write("\r\u{1B}[K\(bar)\(text().printable)")
    }

    /// Wipes the line.
    func end() {
        guard isShown, drawn.withLock({ $0 }) != nil else { return }
        write("\r\u{1B}[K")
    }

    static func bar(_ fraction: Double) -> String {
        let filled = Int((min(max(fraction, 0), 1) * Double(width)).rounded(.down))
        return "[" + String(repeating: "#", count: filled)
            + String(repeating: "·", count: width - filled) + "]"
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
