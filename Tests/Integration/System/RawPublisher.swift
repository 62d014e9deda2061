import Glibc
import TestSupport

/// Publishes one message with headers that no client library writes: the few frames of AMQP 0-9-1
/// that it takes, over a socket.
enum RawPublisher {
    private static let frameEnd: UInt8 = 0xCE
    /// Seconds for any answer of the broker.
    private static let answerSeconds = 120

    /// - Parameter tableDepth: levels of tables in the headers; 18,000 just fit one frame.
    /// - Throws: where the broker did not take it.
    static func publish(
        port: Int, exchange: String, routingKey: String, messageID: String, tableDepth: Int,
        body: [UInt8]
    ) throws {
        let socket = try connect(port)
        defer { close(socket) }
        try send(Array("AMQP".utf8) + [0, 0, 9, 1], to: socket)
        try expect(10, 10, from: socket)
        // start-ok: no client properties, PLAIN as guest, en_US.
        let login = "\0guest\0guest"
        try send(
            method(0, 10, 11, long(0) + short("PLAIN") + text(login) + short("en_US")), to: socket)
        try expect(10, 30, from: socket)
        // tune-ok: 2047 channels, frames of 128 KiB, no heartbeat. Then open.
        try send(method(0, 10, 31, [0x07, 0xFF, 0, 2, 0, 0, 0, 0]), to: socket)
        try send(method(0, 10, 40, short("/") + [0, 0]), to: socket)
        try expect(10, 41, from: socket)
        try send(method(1, 20, 10, [0]), to: socket)
        try expect(20, 11, from: socket)
        try send(method(1, 85, 10, [0]), to: socket)
        try expect(85, 11, from: socket)
        let publication = [0, 0] + short(exchange) + short(routingKey) + [0]
        // Flags: content_type, headers, delivery_mode, message_id.
        let header =
            [0, 60, 0, 0] + quad(UInt64(body.count)) + [0xB0, 0x80] + short("application/json")
            + nestedTable(tableDepth) + [2] + short(messageID)
        try send(
            method(1, 60, 40, publication) + frame(2, 1, header) + frame(3, 1, body), to: socket)
        try expect(60, 80, from: socket)
    }

    /// `{"t": {"t": … {}}}`, built from the inside: each level has a name of one letter.
    private static func nestedTable(_ depth: Int) -> [UInt8] {
        let levelBytes = 7
        var bytes: [UInt8] = []
        for inner in stride(from: depth - 1, through: 1, by: -1) {
            bytes += long(UInt32(inner * levelBytes)) + short("t") + [UInt8(ascii: "F")]
        }
        return bytes + long(0)
    }

    private static func connect(_ port: Int) throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: answerSeconds, tv_usec: 0)
        setsockopt(
            socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard socket >= 0, status == 0 else {
            throw SupportFailure("the broker does not listen on port \(port)")
        }
        return socket
    }

    private static func send(_ bytes: [UInt8], to socket: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, 0) }
            guard sent > 0 else { throw SupportFailure("the broker closed the connection") }
            rest = rest.dropFirst(sent)
        }
    }

    private static func receive(_ count: Int, from socket: Int32) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let received = recv(socket, &bytes, count, Int32(MSG_WAITALL))
        guard received == count else { throw SupportFailure("the broker does not answer") }
        return bytes
    }

    /// The next frame must be that method.
    private static func expect(_ classID: UInt8, _ methodID: UInt8, from socket: Int32) throws {
        let start = try receive(7, from: socket)
        let size = start[3...6].reduce(0) { $0 << 8 | Int($1) }
        let payload = try receive(size + 1, from: socket)
        guard start[0] == 1, payload[1] == classID, payload[3] == methodID else {
            throw SupportFailure(
                "the broker answered with method \(payload[1]).\(payload[3]), not "
                    + "\(classID).\(methodID)")
        }
    }

    private static func method(
        _ channel: UInt8, _ classID: UInt8, _ methodID: UInt8, _ arguments: [UInt8]
    ) -> [UInt8] {
        frame(1, channel, [0, classID, 0, methodID] + arguments)
    }

    private static func frame(_ type: UInt8, _ channel: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [type, 0, channel] + long(UInt32(payload.count)) + payload + [frameEnd]
    }

    private static func short(_ text: String) -> [UInt8] {
        [UInt8(text.utf8.count)] + Array(text.utf8)
    }

    private static func text(_ text: String) -> [UInt8] {
        long(UInt32(text.utf8.count)) + Array(text.utf8)
    }

    private static func long(_ value: UInt32) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    private static func quad(_ value: UInt64) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
