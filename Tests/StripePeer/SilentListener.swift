import Glibc
import TestSupport

/// Lets clients connect, and never reads nor says a word: the kernel answers for it.
public final class SilentListener: Sendable {
    /// Where it listens, on 127.0.0.1.
    public let port: Int
    private let socket: Int32

    /// Listens on a free port.
    public init() throws {
        port = try FreePort.take()
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) }
        }
        guard socket >= 0, isBound == 0, listen(socket, 64) == 0 else {
            throw SupportFailure("port \(port) cannot be listened on")
        }
    }

    deinit { close(socket) }
}
