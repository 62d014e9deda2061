import Glibc

/// A client's connection and the one made for it: confined to the proxy's thread.
final class ProxiedPair {
    private static let bufferBytes = 64 << 10

    /// Bytes on their way from one end to the other: read only when none are left.
    private struct Way {
        var buffer = [UInt8](repeating: 0, count: ProxiedPair.bufferBytes)
        var pending = 0..<0
    }

    private let client: Int32
    private let server: Int32
    private var up = Way()
    private var down = Way()
    private(set) var hasEnded = false

    /// Nil where there is no client any more, or no server.
    init?(from listener: Int32, to port: Int) {
        client = accept(listener, nil, nil)
        server = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard client >= 0, withLoopback(port, { connect(server, $0, $1) }) == 0 else {
            close(client)
            close(server)
            return nil
        }
        for end in [client, server] {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            var on: Int32 = 1
            setsockopt(
                end, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    /// What to wait for at the client's end and at the server's.
    var interests: [pollfd] {
        let atClient = (up.pending.isEmpty ? POLLIN : 0) | (down.pending.isEmpty ? 0 : POLLOUT)
        let atServer = (down.pending.isEmpty ? POLLIN : 0) | (up.pending.isEmpty ? 0 : POLLOUT)
        return [
            pollfd(fd: client, events: Int16(atClient), revents: 0),
            pollfd(fd: server, events: Int16(atServer), revents: 0),
        ]
    }

    func move() {
        guard !hasEnded else { return }
        guard Self.move(client, server, &up), Self.move(server, client, &down) else {
            return end(abruptly: false)
        }
    }

    func end(abruptly: Bool) {
        guard !hasEnded else { return }
        hasEnded = true
        for end in [client, server] {
            // Zero seconds to linger: the kernel sends a reset.
            var option = linger(l_onoff: abruptly ? 1 : 0, l_linger: 0)
            setsockopt(end, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
            close(end)
        }
    }

    /// - Returns: false where either end is gone.
    private static func move(_ source: Int32, _ sink: Int32, _ way: inout Way) -> Bool {
        if way.pending.isEmpty {
            let count = read(source, &way.buffer, bufferBytes)
            if count < 0 { return errno == EAGAIN }
            guard count > 0 else { return false }
            way.pending = 0..<count
        }
        let count = way.buffer.withUnsafeBytes {
            send(
                sink, $0.baseAddress.map { $0 + way.pending.lowerBound }, way.pending.count,
                Int32(MSG_NOSIGNAL))
        }
        if count < 0 { return errno == EAGAIN }
        way.pending = way.pending.lowerBound + count..<way.pending.upperBound
        return true
    }
}
