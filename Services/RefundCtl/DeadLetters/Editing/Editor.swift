import Foundation

/// The operator's editor: `$VISUAL`, else `$EDITOR`, else `vi`; any command of the shell.
enum Editor {
    static var command: String {
        GlobalOptions.environment("VISUAL") ?? GlobalOptions.environment("EDITOR") ?? "vi"
    }

    /// Has it edit the file at this terminal, and waits for its end however long that takes.
    ///
    /// Not Foundation's `Process`, which starts a child in a process group of its own: an editor there
    /// is stopped as soon as it reads from the terminal.
    static func edit(_ path: String) throws(CommandFailure) {
        let keeps = "your text is kept in \(path)"
        // Interrupting is the editor's business meanwhile.
        let before = (signal(SIGINT, SIG_IGN), signal(SIGQUIT, SIG_IGN))
        defer {
            signal(SIGINT, before.0)
            signal(SIGQUIT, before.1)
        }
        guard let pid = spawn(["/bin/sh", "-c", "\(command) \"$1\"", "sh", path]) else {
            throw CommandFailure(.badInput, "the editor cannot be started: \(command); \(keeps)")
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else {
                throw CommandFailure(.badInput, "the editor is lost; \(keeps)")
            }
        }
        let ending = status & 0x7F == 0 ? "status \(status >> 8 & 0xFF)" : "signal \(status & 0x7F)"
        guard status == 0 else {
            throw CommandFailure(
                .badInput,
                "the editor (\(command)) ended with \(ending); nothing was sent, \(keeps)")
        }
    }

    private static func spawn(_ arguments: [String]) -> pid_t? {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What is ignored here would be ignored there.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGINT)
        sigaddset(&defaults, SIGQUIT)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        let copies = arguments.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        var pid: pid_t = 0
        guard posix_spawn(&pid, arguments[0], nil, &attributes, copies + [nil], environ) == 0 else {
            return nil
        }
        return pid
    }
}
