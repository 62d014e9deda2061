import Glibc

/// A child that inherits nothing but its three standard descriptors. (Foundation's `Process` hands
/// a socket to every child, and waits until all of their descendants have closed it.)
final class ChildProcess: Sendable {
    let pid: Int32
    private let ending = Locked<Int32?>(nil)

    /// POSIX_SPAWN_SETSID of <spawn.h>, a GNU extension that Swift does not see.
    private static let newSession: Int16 = 0x80
    /// Higher ones are not expected in a test process.
    private static let mostDescriptors: Int32 = 512

    /// - Parameters:
    ///   - input: its standard input; negative: /dev/null.
    ///   - output: a file that both its outputs are appended to.
    ///   - environment: all of it; nil: this process's.
    ///   - isDetached: whether it gets a session of its own.
    init(
        _ executable: String, _ arguments: [String], environment: [String: String]? = nil,
        input: Int32 = -1, output: String = "/dev/null", isDetached: Bool = false
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if input >= 0 {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(
            &actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        for descriptor in 3..<Self.mostDescriptors {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of a test block signals; a child that inherited that would ignore SIGTERM.
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | (isDetached ? Self.newSession : 0))
        pid = try Self.withStrings([executable] + arguments) { arguments in
            let pairs = environment?.map { "\($0.key)=\($0.value)" }
            return try Self.withStrings(pairs ?? []) { given in
                var pid: pid_t = 0
                var given = given
                let status = given.withUnsafeMutableBufferPointer { given in
                    posix_spawn(
                        &pid, executable, &actions, &attributes, arguments,
                        environment == nil ? environ : given.baseAddress)
                }
                guard status == 0 else {
                    throw SupportFailure(
                        "'\(executable)' cannot be started: \(String(cString: strerror(status)))")
                }
                return pid
            }
        }
    }

    /// The exit status, or the signal that ended it; nil while it runs.
    var status: Int32? {
        ending.withLock { ending in
            if let ending { return ending }
            var raw: Int32 = 0
            guard waitpid(pid, &raw, WNOHANG) == pid else { return nil }
            let signal = raw & 0x7f
            ending = signal == 0 ? (raw >> 8) & 0xff : signal
            return ending
        }
    }

    private static func withStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) throws -> Result
    ) rethrows -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return try body(copies + [nil])
    }
}
