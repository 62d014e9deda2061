import Glibc
import TestSupport

/// A TCP connection that sends what no proper HTTP client would. It never blocks a thread.
final class RawConnection {
    struct Answer: Equatable {
        var status: Int
        var body: String
    }

    private let socket: Int32
    private var received: [UInt8] = []
    private(set) var isClosed = false

    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
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
            throw SupportFailure("nobody listens on port \(port)")
        }
    }

    deinit { close(socket) }

    /// Until all is sent, or the peer has closed.
    func send(_ bytes: [UInt8]) async {
        var rest = bytes[...]
        _ = await eventually {
            let sent = rest.withUnsafeBytes {
                Glibc.send(
                    socket, $0.baseAddress, $0.count,
                    Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
            }
            if sent > 0 { rest = rest.dropFirst(sent) }
            return rest.isEmpty || (sent < 0 && errno != EAGAIN)
        }
    }

    func send(_ text: String) async { await send(Array(text.utf8)) }

    /// No more will be sent (FIN).
    func finish() { shutdown(socket, Int32(SHUT_WR)) }

    /// The next answer; nil where the connection ends before it, or it does not come in time.
    func answer(within seconds: Double = 40) async -> Answer? {
        var answer: Answer?
        _ = await eventually(within: seconds) {
            receive()
            answer = takeAnswer()
            return answer != nil || isClosed
        }
        return answer
    }

    /// Whether the peer closes within that time.
    func closes(within seconds: Double) async -> Bool {
        await eventually(within: seconds) {
            receive()
            return isClosed
        }
    }

    private func receive() {
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        let count = recv(socket, &chunk, chunk.count, Int32(MSG_DONTWAIT))
        if count > 0 { received += chunk[..<count] }
        if count == 0 || (count < 0 && errno != EAGAIN) { isClosed = true }
    }

    private func takeAnswer() -> Answer? {
        let text = String(decoding: received, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n"),
            let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap({
                Int($0)
            })
        else { return nil }
        let length =
            text[..<end.lowerBound].split(separator: "\r\n").compactMap { line -> Int? in
                let field = line.split(separator: ":", maxSplits: 1)
                guard field[0].lowercased() == "content-length", field.count == 2 else {
                    return nil
                }
                return Int(field[1].drop { $0 == " " })
            }.first ?? 0
        let body = text[end.upperBound...]
        guard body.utf8.count >= length else { return nil }
        received = Array(body.utf8.dropFirst(length))
        return Answer(status: status, body: String(body.prefix(length)))
    }
}

extension String {
    fileprivate func range(of part: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) {
                return start..<index(start, offsetBy: part.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
