import Glibc
import Synchronization

/// TCP on loopback between a client and a server, cut at will: what a network does to a connection.
///
/// One thread moves the bytes of every connection; it ends with ``stop()``.
public final class CuttingProxy: Sendable {
    /// What clients connect to.
    public let port: Int
    private let listener: Int32
    /// A pipe: its thread sleeps until there is something to move, or an order.
    private let wakeup: (reading: Int32, writing: Int32)
    private let target: Int

    private struct Orders {
        var cuts = 0
        var isStopped = false
    }

    private let orders = Mutex(Orders())

    /// Listens on a free port, and connects each client to `target`.
    public init(to target: Int) throws {
        self.target = target
        port = try FreePort.take()
        listener = try Self.listen(port)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw SupportFailure("no file descriptor is left for a proxy")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wakeup = (ends[0], ends[1])
        var thread = pthread_t()
        let own = Unmanaged.passRetained(self).toOpaque()
        guard pthread_create(&thread, nil, proxyMain, own) == 0 else {
            Unmanaged<CuttingProxy>.fromOpaque(own).release()
            throw SupportFailure("no thread can be started for a proxy")
        }
        pthread_detach(thread)
    }

    deinit {
        close(listener)
        close(wakeup.reading)
        close(wakeup.writing)
    }

    /// Ends every connection of now, in turn by a reset and by an orderly close.
    public func cut() {
        orders.withLock { $0.cuts += 1 }
        wake()
    }

    /// Ends every connection and the proxy.
    public func stop() {
        orders.withLock { $0.isStopped = true }
        wake()
    }

    private func wake() {
        var one: UInt8 = 1
        write(wakeup.writing, &one, 1)
    }

    fileprivate func run() {
        var pairs: [ProxiedPair] = []
        var cuts = 0
        while true {
            var items = [
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wakeup.reading, events: Int16(POLLIN), revents: 0),
            ]
            for pair in pairs { items += pair.interests }
            poll(&items, nfds_t(items.count), -1)
            for (index, pair) in pairs.enumerated()
            where items[2 + 2 * index].revents != 0
                || items[3 + 2 * index].revents != 0
            {
                pair.move()
            }
            if items[1].revents != 0 {
                var one: UInt8 = 0
                read(wakeup.reading, &one, 1)
                let orders = orders.withLock { $0 }
                if orders.cuts > cuts || orders.isStopped {
                    cuts = orders.cuts
                    for pair in pairs { pair.end(abruptly: cuts.isMultiple(of: 2)) }
                }
                if orders.isStopped { return }
            }
            pairs.removeAll { $0.hasEnded }
            if items[0].revents != 0, let pair = ProxiedPair(from: listener, to: target) {
                pairs.append(pair)
            }
        }
    }

    private static func listen(_ port: Int) throws -> Int32 {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let status = withLoopback(port) { bind(listener, $0, $1) }
        guard status == 0, Glibc.listen(listener, 64) == 0 else {
            close(listener)
            throw SupportFailure("a proxy cannot listen on port \(port)")
        }
        return listener
    }
}

private func proxyMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<CuttingProxy>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}

/// Calls with 127.0.0.1 and that port.
func withLoopback<Result>(
    _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
