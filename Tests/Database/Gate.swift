import Dispatch
import TestSupport

/// Lets a synchronous body wait for the test.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open() { semaphore.signal() }

    func wait() { semaphore.wait() }
}

extension Locked where Value == Int {
    /// Counts one more, and returns how many there are.
    func next() -> Int {
        withLock { count in
            count += 1
            return count
        }
    }

    var value: Int { withLock { $0 } }
}
