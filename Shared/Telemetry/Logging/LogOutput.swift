import Glibc

/// Where finished log lines go.
public struct LogOutput: Sendable {
    let write: @Sendable ([UInt8]) -> Void

    /// Hands each line, with its line feed, to a closure that may be called from any thread.
    public init(_ write: @escaping @Sendable ([UInt8]) -> Void) {
        self.write = write
    }

    /// Standard output, one `write(2)` a line; what cannot be written is dropped.
    public static let standardOutput = LogOutput { line in
        line.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = Glibc.write(
                    STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written > 0 {
                    rest = rest.dropFirst(written)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }

    /// Whether somebody looks at standard output on a terminal that shows colour
    /// (https://no-color.org).
    public static var isColourTerminal: Bool {
        isTerminal && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
            && getenv("TERM").map { String(cString: $0) != "dumb" } ?? false
    }

    /// Whether standard output is a terminal.
    public static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}
