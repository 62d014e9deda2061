import Glibc
import TestSupport

/// Speaks AMQP by the byte, for what no library would send. Blocking, loopback, guest.
struct RawClient: ~Copyable {
    private let socket: Int32

    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw SupportFailure("no connection to port \(port)") }
        try login()
    }

    deinit { close(socket) }

    /// Publishes to a queue with `headers`, an encoded table without its length, and waits for the
    /// answer to a queue.declare that follows: the broker has read everything then.
    func publish(queue: String, headers: [UInt8]) throws {
        method(1, 60, 40, short(0) + string("") + string(queue) + [0])
        let table = long(UInt32(headers.count)) + headers
        // Flags: headers and delivery mode.
        frame(2, 1, short(60) + short(0) + long(0) + long(0) + short(0x3000) + table + [2])
        method(1, 50, 10, short(0) + string(queue) + [1] + long(0))
        try expect(50, 11)
    }

    private func login() throws {
        send(Array("AMQP".utf8) + [0, 0, 9, 1])
        try expect(10, 10)
        let response = [0] + Array("guest".utf8) + [0] + Array("guest".utf8)
        method(
            0, 10, 11,
            long(0) + string("PLAIN") + long(UInt32(response.count)) + response + string("en_US"))
        try expect(10, 30)
        method(0, 10, 31, short(10) + long(131_072) + short(0))
        method(0, 10, 40, string("/") + string("") + [0])
        try expect(10, 41)
        method(1, 20, 10, string(""))
        try expect(20, 11)
    }

    private func method(_ channel: UInt16, _ group: UInt16, _ id: UInt16, _ fields: [UInt8]) {
        frame(1, channel, short(group) + short(id) + fields)
    }

    private func frame(_ type: UInt8, _ channel: UInt16, _ payload: [UInt8]) {
        send([type] + short(channel) + long(UInt32(payload.count)) + payload + [0xCE])
    }

    private func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    socket, buffer.baseAddress.map { $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    private func expect(_ group: UInt16, _ id: UInt16) throws {
        let head = try receive(7)
        let size = head[3...6].reduce(0) { $0 << 8 | Int($1) }
        let payload = try receive(size + 1)
        guard Array(payload.prefix(4)) == short(group) + short(id) else {
            throw SupportFailure("the broker answered \(payload.prefix(200)), not \(group).\(id)")
        }
    }

    private func receive(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = recv(socket, &bytes, count, Int32(MSG_WAITALL))
        guard got == count else { throw SupportFailure("the broker closed the connection") }
        return bytes
    }

    private func short(_ value: UInt16) -> [UInt8] { AMQPBytes.short(value) }

    private func long(_ value: UInt32) -> [UInt8] { AMQPBytes.long(value) }

    private func string(_ text: String) -> [UInt8] { AMQPBytes.string(text) }
}
