internal import Glibc
internal import Synchronization

/// Lets another thread end a call into librabbitmq that does not return: it may wait for ever on a
/// peer that neither reads nor closes.
final class Watch: Sendable {
    private let began = Atomic<UInt64>(0)
    /// Set while a connection stands. Locked around its use, so that the number is never another's.
    private let descriptor = Mutex<Int32?>(nil)

    func begin(_ now: Nanoseconds) { began.store(now, ordering: .relaxed) }

    func end() { began.store(0, ordering: .relaxed) }

    func guardSocket(_ socket: Int32?) { descriptor.withLock { $0 = socket } }

    /// Shuts the socket down where a turn has taken longer than `limit`: the call then fails.
    /// - Returns: whether it did.
    func check(now: Nanoseconds, limit: Nanoseconds) -> Bool {
        let began = began.load(ordering: .relaxed)
        guard began != 0, now > began, now - began > limit else { return false }
        return descriptor.withLock { descriptor in
            guard let descriptor else { return false }
            shutdown(descriptor, Int32(SHUT_RDWR))
            return true
        }
    }
}
