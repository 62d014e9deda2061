import AMQP
import Foundation
import TestSupport
import Testing

/// Each breaks AMQP in one way, while a topology call waits for its answer on channel 1: the call
/// must end with an error that says so, and the next connection must work.
@Suite("A scripted peer breaks the protocol", .timeLimit(.minutes(10)))
struct PeerViolationTests {
    struct Violation: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        var code = AMQPError.Code.protocolViolation
        /// In the error's message.
        var says: String
        var testDescription: String { name }

        init(_ name: String, _ frames: PeerFrame..., says: String) {
            self.name = name
            bytes = frames.flatMap(\.bytes)
            self.says = says
        }
    }

    private static let notAMQP = "not AMQP"
    private static let deliver = PeerFrame.delivery(on: 1, tag: 1, [])[0]

    private static func edited(_ frame: PeerFrame, _ edit: (inout PeerFrame) -> Void) -> PeerFrame {
        var frame = frame
        edit(&frame)
        return frame
    }

    static let violations: [Violation] = [
        Violation(
            "a frame without its end", edited(.declared("q", on: 1)) { $0.end = 0 }, says: notAMQP),
        Violation(
            "a frame larger than frame_max",
            edited(.body(on: 1, [])) { $0.claimedSize = 131_073 }, says: notAMQP),
        Violation(
            "a frame that claims 4 GiB", edited(.body(on: 1, [])) { $0.claimedSize = .max },
            says: notAMQP),
        Violation("an unknown method", .method(PeerMethod(50, 999), on: 1), says: notAMQP),
        Violation("an unknown class", .method(PeerMethod(999, 1), on: 1), says: notAMQP),
        Violation(
            "a header of an unknown class",
            PeerFrame(type: 2, channel: 1, payload: [3, 231] + Array(repeating: 0, count: 12)),
            says: notAMQP),
        Violation(
            "a method without its fields", .method(.queueDeclareOK, on: 1, [3, 65]), says: notAMQP),
        Violation(
            "a table that is cut off", deliver,
            .header(on: 1, size: 0, flags: 0x2000, properties: AMQPBytes.long(50) + [1, 97, 83]),
            says: notAMQP),
        Violation(
            "an answer to what was not asked", .method(.consumeOK, on: 1, AMQPBytes.string("c")),
            says: "consumeOK"),
        Violation(
            "a method this client never asks for", .method(PeerMethod(90, 11), on: 1),
            says: "tx.select-ok"),
        Violation(
            "an answer on a channel that is not open", .declared("q", on: 7), says: "channel 7"),
        Violation(
            "an answer on the highest channel", .declared("q", on: .max), says: "channel 65535"),
        Violation("an answer on channel 0", .declared("q", on: 0), says: "channel 0"),
        Violation("content on channel 0", .header(on: 0, size: 1), says: "channel 0"),
        Violation("a header without a method", .header(on: 1, size: 1), says: "header"),
        Violation("a body without a header", .body(on: 1, [1]), says: "body frame"),
        Violation("a delivery to nobody", deliver, .header(on: 1, size: 0), says: "channel 1"),
        Violation("a delivery inside a delivery", deliver, deliver, says: "inside a message"),
        Violation(
            "an answer inside a delivery", deliver, .declared("q", on: 1), says: "channel 1"),
        Violation(
            "more body than announced", deliver, .header(on: 1, size: 2), .body(on: 1, [1, 2, 3]),
            says: "more body"),
        Violation(
            "a body of a tebibyte", deliver, .header(on: 1, size: 1 << 40), says: "1099511627776"),
        Violation("a confirm where nothing is published", .confirm(.ack, 1), says: "ack"),
    ]

    @Test("breaking it ends the call with an error that says how", arguments: violations)
    func violation(_ violation: Violation) async throws {
        let peer = try ScriptedPeer(consuming: { client in
            let channel = try client.acceptCall()
            if client.number == 1 { return try client.send(violation.bytes) }
            try client.send(.declared("q", on: channel))
        })
        try await withPeer(peer) { broker in
            let error = await #expect(throws: AMQPError.self) {
                try await broker.topology().checkQueue("q")
            }
            #expect(error?.code == violation.code, "\(error?.message ?? "")")
            #expect(error?.message.contains(violation.says) == true, "\(error?.message ?? "")")
            let status = try await broker.topology().checkQueue("q")
            #expect(status.messages == 3)
        }
    }

    @Test(
        "a frame too short for what it is neither crashes nor hangs",
        arguments: [PeerFrame.methodType, PeerFrame.headerType], 0...13)
    func runt(type: UInt8, count: Int) async throws {
        let payload = Array(([0, 60] + [UInt8](repeating: 0xFF, count: 12)).prefix(count))
        let peer = try ScriptedPeer(consuming: { client in
            _ = try client.acceptCall()
            try client.send(PeerFrame(type: type, channel: 1, payload: payload))
        })
        try await withPeer(peer) { broker in
            let error = await #expect(throws: AMQPError.self) {
                try await broker.topology().checkQueue("q")
            }
            #expect(error?.code == .protocolViolation)
            // librabbitmq may take what lies behind the frame for its fields; nobody else may.
            let message = error?.message ?? ""
            #expect(message.contains("cut short") || message.contains("not AMQP"), "\(message)")
        }
    }

    /// Before CVE-2026-44235 was mended (Debian's 0.11.0-1+deb12u2) librabbitmq read on behind the
    /// frame, where the header of the message before lies still, and what is missing was completed.
    @Test("a header that is cut short is not completed from the message before it")
    func cutShort() async throws {
        // Its length is the byte that ends a frame, and that byte lies where the length is missing.
        let body = [UInt8](repeating: 0, count: 0xCE)
        let log = LogStore()
        let peer = try ScriptedPeer(consuming: { client in
            let channel = try client.acceptConsumer()
            guard client.number == 1 else {
                return try client.send(
                    PeerFrame.delivery(on: channel, tag: 1, [7]).flatMap(\.bytes))
            }
            // The second lies at the beginning of librabbitmq's memory, as the third will.
            for tag in 1...2 {
                try client.send(
                    PeerFrame.delivery(on: channel, tag: UInt64(tag), body).flatMap(\.bytes))
                try client.expect(.ack)
            }
            var next = PeerFrame.delivery(on: channel, tag: 3, body)
            next[1].payload.removeLast(3)
            try client.send(next.flatMap(\.bytes))
        })
        try await withPeer(peer, logger: log.logger) { broker in
            let consumer = broker.consumer(queue: "q", prefetch: 5, maxBatch: 5)
            let iterator = consumer.makeAsyncIterator()
            for _ in 1...2 {
                let batch = try #require(await iterator.next())
                #expect(batch.deliveries.map(\.body) == [body])
                await batch.ack(batch.deliveries)
            }
            let next = try #require(await iterator.next())
            #expect(next.deliveries.map(\.body) == [[7]])
            #expect(log.text.contains("cut short") || log.text.contains("not AMQP"), "\(log.text)")
        }
    }

    @Test("a frame of an unknown type is passed over, as librabbitmq has it")
    func unknownType() async throws {
        let peer = try ScriptedPeer(consuming: { client in
            let channel = try client.acceptCall()
            try client.send(
                PeerFrame(type: 77, channel: 3, payload: [1, 2, 3]), .declared("q", on: channel))
        })
        try await withPeer(peer) { broker in
            let status = try await broker.topology().checkQueue("q")
            #expect(status.consumers == 2)
        }
    }

    @Test("delivery tags out of order, and confirms of what was never sent, end the connection")
    func tags() async throws {
        let log = LogStore()
        let peer = try ScriptedPeer(
            publishing: { client in
                try client.acceptPublisher()
                if client.number == 1 { try client.send(.confirm(.ack, 9)) }
            },
            consuming: { client in
                let channel = try client.acceptConsumer()
                let tag: UInt64 = client.number == 1 ? 2 : 1
                try client.send(PeerFrame.delivery(on: channel, tag: tag, [5]).flatMap(\.bytes))
            })
        try await withPeer(peer, logger: log.logger) { broker in
            let consumer = broker.consumer(queue: "q", prefetch: 5, maxBatch: 5)
            let batch = try #require(await consumer.makeAsyncIterator().next())
            #expect(batch.deliveries.map(\.body) == [[5]])
            #expect(log.text.contains("delivered tag 2 out of order"))
            #expect(await eventually { log.text.contains("confirmed tag 9, never sent") })
        }
    }
}
