import Foundation
import Glibc
import TestSupport

/// A client's connection as a script sees it. Confined to the script's thread; every wait is bounded
/// (``patience``) and fails with what was awaited.
final class PeerConnection {
    /// What the broker end offers in `connection.tune`.
    struct Offer: Sendable {
        var channelMax: UInt16 = 2_047
        var frameMax: UInt32 = 131_072
        /// Seconds; 0 leaves the choice to the client.
        var heartbeat: UInt16 = 0
    }

    enum Purpose: String, Sendable {
        case publishing, consuming
    }

    /// Seconds that a script waits for the client.
    static let patience = 60

    /// What the client says the connection is for; known after the login.
    private(set) var purpose = Purpose.publishing
    /// Counts the logins of that purpose from 1.
    var number = 0
    /// Heartbeats of the client so far.
    private(set) var heartbeats = 0
    /// Whether each heartbeat is answered by one.
    var answersHeartbeats = true
    private let socket: Int32

    init(socket: Int32) {
        self.socket = socket
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        var on: Int32 = 1
        setsockopt(
            socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    // MARK: - Sending

    /// - Parameter chunk: bytes in one write; each leaves as a segment of its own.
    func send(_ frames: PeerFrame..., chunk: Int = .max) throws {
        try send(frames.flatMap(\.bytes), chunk: chunk)
    }

    func send(_ bytes: [UInt8], chunk: Int = .max) throws {
        var sent = 0
        while sent < bytes.count {
            let count = min(chunk, bytes.count - sent)
            let written = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    socket, buffer.baseAddress.map { $0 + sent }, count, Int32(MSG_NOSIGNAL))
            }
            guard written > 0 else { throw SupportFailure("the client takes no more bytes") }
            sent += written
        }
    }

    /// Writes the bytes over and over, a thousand times a second at most, until `body` ends.
    func whileSending(_ bytes: [UInt8], _ body: () throws -> Void) rethrows {
        let (isDone, hasEnded) = (Locked(false), Gate())
        let socket = socket
        Thread.detachNewThread {
            while !isDone.withLock({ $0 }),
                Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
            {
                usleep(1_000)
            }
            hasEnded.open()
        }
        defer {
            isDone.withLock { $0 = true }
            try? hasEnded.wait()
        }
        try body()
    }

    /// FIN: the client reads an end, and can still write.
    func halfClose() { shutdown(socket, Int32(SHUT_WR)) }

    // MARK: - Receiving

    /// Reads until the client has sent that many heartbeats, and nothing else.
    func expectHeartbeats(_ count: Int) throws {
        let frame = try next(orHeartbeats: count)
        guard frame.type == PeerFrame.heartbeatType else {
            throw SupportFailure("the client sent \(frame) where only heartbeats were due")
        }
    }

    /// The next frame that is no heartbeat.
    func next(orHeartbeats heartbeatsWanted: Int? = nil) throws -> PeerFrame {
        while true {
            let head = try receive(7)
            let payload = try receive(AMQPBytes.number(head[3..<7]) + 1)
            guard payload.last == 0xCE else {
                throw SupportFailure("the client sent a frame without its end")
            }
            let frame = PeerFrame(
                type: head[0], channel: UInt16(AMQPBytes.number(head[1..<3])),
                payload: payload.dropLast())
            guard frame.type == PeerFrame.heartbeatType else { return frame }
            heartbeats += 1
            if answersHeartbeats { try send(.heartbeat) }
            if let heartbeatsWanted, heartbeats >= heartbeatsWanted { return frame }
        }
    }

    @discardableResult
    func expect(_ method: PeerMethod) throws -> PeerFrame {
        let frame = try next()
        guard frame.method == method else {
            throw SupportFailure("the client sent \(frame) where \(method) was due")
        }
        return frame
    }

    func receive(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = recv(socket, &bytes, count, Int32(MSG_WAITALL))
        guard got == count else { throw Ended(isSilence: got < 0 && errno == EAGAIN) }
        return bytes
    }

    /// The client closed the connection, or sent nothing for too long.
    struct Ended: Error, CustomStringConvertible {
        var isSilence: Bool
        var description: String { isSilence ? "the client was silent" : "the client hung up" }
    }

    // MARK: - Common to most scripts

    func login(_ offer: Offer) throws {
        let header = try receive(8)
        guard header == Array("AMQP".utf8) + [0, 0, 9, 1] else {
            throw SupportFailure("the client began with \(header)")
        }
        try greet()
        let text = String(decoding: try expect(.startOK).payload, as: UTF8.self)
        purpose = text.contains(" consuming") ? .consuming : .publishing
        try send(
            .method(
                .tune, on: 0,
                AMQPBytes.short(offer.channelMax) + AMQPBytes.long(offer.frameMax)
                    + AMQPBytes.short(offer.heartbeat)))
        try expect(.tuneOK)
        try expect(.open)
        try send(.method(.openOK, on: 0, AMQPBytes.string("")))
    }

    /// `connection.start`.
    func greet() throws {
        let mechanisms = AMQPBytes.longString(Array("PLAIN".utf8))
        let locales = AMQPBytes.longString(Array("en_US".utf8))
        try send(.method(.start, on: 0, [0, 9] + AMQPBytes.long(0) + mechanisms + locales))
    }

    /// The publishing channel comes up.
    func acceptPublisher() throws {
        try expect(.channelOpen)
        try send(.method(.channelOpenOK, on: 1, AMQPBytes.long(0)))
        try expect(.select)
        try send(.method(.selectOK, on: 1))
    }

    /// A subscription comes up.
    /// - Returns: its channel.
    @discardableResult
    func acceptConsumer() throws -> UInt16 {
        let channel = try expect(.channelOpen).channel
        try send(.method(.channelOpenOK, on: channel, AMQPBytes.long(0)))
        try expect(.qos)
        try send(.method(.qosOK, on: channel))
        try expect(.consume)
        try send(.method(.consumeOK, on: channel, AMQPBytes.string("consumer")))
        return channel
    }

    /// A topology call arrives.
    /// - Returns: its channel.
    func acceptCall() throws -> UInt16 {
        let channel = try expect(.channelOpen).channel
        try send(.method(.channelOpenOK, on: channel, AMQPBytes.long(0)))
        try expect(.queueDeclare)
        return channel
    }

    /// A published message: the largest of its frames, and its body.
    func expectPublish() throws -> (frameBytes: Int, body: [UInt8]) {
        var largest = try expect(.publish).bytes.count
        let header = try next()
        guard header.type == PeerFrame.headerType else {
            throw SupportFailure("the client sent \(header) where a content header was due")
        }
        largest = max(largest, header.bytes.count)
        let size = AMQPBytes.number(header.payload[4..<12])
        var body: [UInt8] = []
        while body.count < size {
            let frame = try next()
            guard frame.type == PeerFrame.bodyType, body.count + frame.payload.count <= size else {
                throw SupportFailure("the client sent \(frame.bytes.prefix(12)) for a body")
            }
            largest = max(largest, frame.bytes.count)
            body += frame.payload
        }
        return (largest, body)
    }

    /// Reads on to the end, and answers the goodbye.
    func idle() throws {
        do {
            while true {
                let frame = try next()
                if frame.method == .close { try send(.method(.closeOK, on: 0)) }
            }
        } catch is Ended {
            return
        }
    }
}
