import Glibc
import WorkerRuntime

/// Held by the one process that works on a data directory: two would send the messages of one job
/// twice. The kernel lets go of it with the process, however that ends.
struct ServiceLock {
    /// How long a new process waits for the old one's end.
    private static let patienceSeconds = 30
    private static let pause: useconds_t = 100_000

    private let descriptor: Int32

    init(directory: String) throws(ConfigurationFault) {
        let path = "\(directory)/dead-letters.lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ConfigurationFault(
                "The lock file \(path) cannot be opened: \(String(cString: strerror(errno))).")
        }
        for _ in 0..<(Self.patienceSeconds * 1_000_000 / Int(Self.pause)) {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            usleep(Self.pause)
        }
        close(descriptor)
        throw ConfigurationFault(
            "Another dead-letter service works on \(directory): stop it, or give this one its own "
                + "data directory and database.")
    }

    func release() { close(descriptor) }
}
