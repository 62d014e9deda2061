import Foundation
import Glibc

/// Runs a command to its end, without a shell.
public enum Command {
    /// What it printed on both outputs, and how it ended.
    public struct Ending: Sendable {
        /// The exit status.
        public let status: Int32
        /// Standard output and error, as they came.
        public let output: String
    }

    /// Runs the executable at that path and waits for its end.
    public static func run(_ executable: String, _ arguments: [String]) async throws -> Ending {
        let file = FileManager.default.temporaryDirectory.appending(path: "out-\(UUID()).txt")
        defer { try? FileManager.default.removeItem(at: file) }
        let child = try ChildProcess(executable, arguments, output: file.path)
        while true {
            if let status = child.status {
                let output = String(decoding: try Data(contentsOf: file), as: UTF8.self)
                return Ending(status: status, output: output)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}

/// What a test helper could not do, in a sentence.
public struct SupportFailure: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// A failure with that sentence.
    public init(_ description: String) { self.description = description }
}

/// Runs a command once this process is gone, however it went: it waits on a pipe whose other end
/// only this process has.
enum Guardian {
    /// - Parameter script: for /bin/sh; `arguments` are its $1, $2 …
    static func leave(_ script: String, _ arguments: [String]) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw SupportFailure("no file descriptor is left for a pipe")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // The writing end is never closed: the kernel does it when the process ends.
        defer { close(ends[0]) }
        _ = try ChildProcess(
            "/bin/sh", ["-c", "cat >/dev/null; \(script)", "guardian"] + arguments,
            input: ends[0], isDetached: true)
    }
}

/// A value behind a lock.
public final class Locked<Value>: @unchecked Sendable {
    // The lock guards the value: it is touched in withLock only.
    private var value: Value
    private let lock = NSLock()

    /// That value, behind a lock of its own.
    public init(_ value: Value) { self.value = value }

    /// Runs `body` with the value while nobody else has it.
    public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}

/// Waits until something holds, looking every few milliseconds, at most `seconds`, and no longer
/// than the task is wanted.
/// - Returns: whether it came to hold.
public func eventually(
    within seconds: Double = 90, _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if try await condition() { return true }
        // Nothing sleeps in a cancelled task: looking on would burn a core until the end.
        guard (try? await Task.sleep(for: .milliseconds(10))) != nil else { break }
    }
    return try await condition()
}
