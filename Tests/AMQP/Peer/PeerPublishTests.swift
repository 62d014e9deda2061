import AMQP
import Foundation
import TestSupport
import Testing

@Suite("A scripted peer takes messages", .timeLimit(.minutes(10)))
struct PeerPublishTests {
    private func messages(_ texts: String...) -> [OutgoingMessage] {
        texts.map { text in
            var message = OutgoingMessage(exchange: "", routingKey: "q", body: Array("body".utf8))
            message.properties.messageID = text
            return message
        }
    }

    struct Confirms: Sendable, CustomTestStringConvertible {
        var name: String
        var frames: [PeerFrame]
        var outcomes: [PublishOutcome]
        var testDescription: String { name }
    }

    @Test(
        "confirms reach the messages they are for, in whatever form and order",
        arguments: [
            Confirms(
                name: "single",
                frames: [.confirm(.ack, 1), .confirm(.ack, 2), .confirm(.ack, 3)],
                outcomes: [.confirmed, .confirmed, .confirmed]),
            Confirms(
                name: "backwards",
                frames: [.confirm(.ack, 3), .confirm(.nack, 2), .confirm(.ack, 1)],
                outcomes: [.confirmed, .nacked, .confirmed]),
            Confirms(
                name: "one for all", frames: [.confirm(.ack, 3, multiple: true)],
                outcomes: [.confirmed, .confirmed, .confirmed]),
            Confirms(
                name: "all refused", frames: [.confirm(.nack, 3, multiple: true)],
                outcomes: [.nacked, .nacked, .nacked]),
            Confirms(
                name: "the middle first, then the rest at once",
                frames: [.confirm(.nack, 2), .confirm(.ack, 3, multiple: true)],
                outcomes: [.confirmed, .nacked, .confirmed]),
            Confirms(
                name: "tag 0 for everything", frames: [.confirm(.ack, 0, multiple: true)],
                outcomes: [.confirmed, .confirmed, .confirmed]),
            Confirms(
                name: "the same twice",
                frames: [
                    .confirm(.ack, 1), .confirm(.nack, 1), .confirm(.ack, 2, multiple: true),
                    .confirm(.ack, 3),
                ],
                outcomes: [.confirmed, .confirmed, .confirmed]),
        ])
    func confirms(_ example: Confirms) async throws {
        let peer = try ScriptedPeer(publishing: { client in
            try client.acceptPublisher()
            for _ in 1...3 { _ = try client.expectPublish() }
            // By the byte: a confirm may come in any number of pieces.
            for frame in example.frames { try client.send(frame, chunk: 1) }
        })
        try await withPeer(peer) { broker in
            let outcomes = try await broker.publisher.publish(messages("a", "b", "c"))
            #expect(outcomes == example.outcomes)
        }
    }

    @Test("a return before its ack is reported for the message returned, not for its neighbours")
    func returned() async throws {
        let peer = try ScriptedPeer(publishing: { client in
            try client.acceptPublisher()
            for _ in 1...3 { _ = try client.expectPublish() }
            // All three have equal bodies and keys; the message id tells them apart.
            let frames = PeerFrame.returned(key: "q", messageID: "b", Array("body".utf8))
            try client.send(frames.flatMap(\.bytes), chunk: 1)
            try client.send(.confirm(.ack, 3, multiple: true))
        })
        try await withPeer(peer) { broker in
            let outcomes = try await broker.publisher.publish(messages("a", "b", "c"))
            #expect(
                outcomes == [.confirmed, .returned(code: 312, text: "NO_ROUTE"), .confirmed])
        }
    }

    @Test("what was not confirmed when the connection fell is said to be so, and never sent again")
    func neverRepeated() async throws {
        let gate = Gate()
        let seen = Locked<[[UInt8]]>([])
        let peer = try ScriptedPeer(publishing: { client in
            try client.acceptPublisher()
            if client.number == 1 {
                for _ in 1...2 { _ = try client.expectPublish() }
                try client.send(.confirm(.ack, 1))
                try gate.wait()
                return client.halfClose()
            }
            let body = try client.expectPublish().body
            seen.withLock { $0.append(body) }
            try client.send(.confirm(.ack, 1))
        })
        try await withPeer(peer, configure: { $0.publishWindowMessages = 2 }) { broker in
            // The window lets out two; the confirm of the first lets out the third.
            async let outcomes = broker.publisher.publish(messages("a", "b", "c", "d"))
            #expect(await eventually { await broker.snapshots().publishing?.publishes == 1 })
            async let waiting = broker.publisher.publish([
                OutgoingMessage(exchange: "", routingKey: "q", body: [9])
            ])
            #expect(await eventually { await broker.snapshots().publishing?.publishes == 2 })
            gate.open()
            let first = try await outcomes
            #expect(first == [.confirmed, .unconfirmed, .unconfirmed, .unconfirmed])
            // Of this one nothing was sent before: it goes out once, on the new connection.
            let second = try await waiting
            #expect(second == [.confirmed])
            #expect(seen.withLock { $0 } == [[9]])
        }
    }

    @Test("a channel closed by the broker gives its reason: code, text and method; then goes on")
    func channelClosed() async throws {
        let peer = try ScriptedPeer(publishing: { client in
            try client.acceptPublisher()
            _ = try client.expectPublish()
            let text = "NOT_FOUND - no exchange 'x' in vhost '/'"
            try client.send(.close(on: 1, code: 404, text, over: .publish), chunk: 1)
            try client.expect(.channelCloseOK)
            try client.acceptPublisher()
            _ = try client.expectPublish()
            try client.send(.confirm(.ack, 1))
        })
        try await withPeer(peer) { broker in
            let error = await #expect(throws: AMQPError.self) {
                try await broker.publisher.publish(messages("a"))
            }
            #expect(error?.code == .notFound)
            #expect(error?.replyCode == 404)
            #expect(error?.method == "basic.publish")
            #expect(
                error?.message == "publishing: the broker answered NOT_FOUND - no exchange 'x' in "
                    + "vhost '/' (404 to basic.publish)")
            let next = try await broker.publisher.publish(messages("b"))
            #expect(next == [.confirmed])
            #expect(peer.accepted == 2, "the connection stood")
        }
    }

    @Test("a blocked connection sends nothing, says why in time, and goes on when unblocked")
    func blocked() async throws {
        let gate = Gate()
        let peer = try ScriptedPeer(publishing: { client in
            try client.acceptPublisher()
            try client.send(.method(.blocked, on: 0, AMQPBytes.string("low on memory")))
            try gate.wait()
            try client.send(.method(.unblocked, on: 0))
            // The first message ever: what timed out while blocked was not sent.
            guard try client.expectPublish().body == [2] else {
                throw SupportFailure("something was published while blocked")
            }
            try client.send(.confirm(.ack, 1))
        })
        let log = LogStore()
        try await withPeer(
            peer, logger: log.logger, configure: { $0.confirmTimeout = .seconds(5) }
        ) { broker in
            #expect(await eventually { log.text.contains("blocks publishing") })
            let error = await #expect(throws: AMQPError.self) {
                try await broker.publisher.publish([
                    OutgoingMessage(exchange: "", routingKey: "q", body: [1])
                ])
            }
            #expect(error?.code == .timedOut)
            #expect(error?.message.contains("blocks publishing") == true)
            gate.open()
            #expect(await eventually { broker.isPublishing })
            let next = try await broker.publisher.publish([
                OutgoingMessage(exchange: "", routingKey: "q", body: [2])
            ])
            #expect(next == [.confirmed])
        }
    }

    @Test("a peer that stops reading: the stuck call ends after callTimeout, not later")
    func stuck() async throws {
        let gate = Gate()
        let peer = try ScriptedPeer(publishing: { client in
            try client.acceptPublisher()
            // Reads nothing more, also where a busy machine needed a second connection.
            try gate.wait()
        })
        let log = LogStore()
        try await withPeer(
            peer, logger: log.logger,
            configure: {
                $0.callTimeout = .seconds(2)
                // Nothing else may end it.
                $0.heartbeat = .seconds(600)
            }
        ) { broker in
            // More than the kernel's buffers of both ends hold.
            let body = [UInt8](repeating: 7, count: 64 << 20)
            let began = ContinuousClock.now
            let outcomes = try await broker.publisher.publish([
                OutgoingMessage(exchange: "", routingKey: "q", body: body)
            ])
            let took = ContinuousClock.now - began
            #expect(outcomes == [.unconfirmed])
            // Far from confirmTimeout, which is the next that would end it.
            #expect(took > .seconds(2) && took < .seconds(25), "\(took)")
            #expect(await eventually { log.text.contains("was stuck") })
            gate.open()
        }
    }

    @Test("the watchdog guards the end too: a stuck call does not hold up a cancelled run")
    func stuckAtTheEnd() async throws {
        let (isStuck, gate) = (Gate(), Gate())
        let peer = try ScriptedPeer(publishing: { client in
            try client.acceptPublisher()
            try client.expect(.publish)
            isStuck.open()
            try gate.wait()
        })
        let clock = ContinuousClock()
        let began = Locked(clock.now)
        try await withPeer(
            peer,
            configure: {
                $0.callTimeout = .seconds(1)
                $0.heartbeat = .seconds(600)
            }
        ) { broker in
            let body = [UInt8](repeating: 7, count: 64 << 20)
            let sending = Task {
                try await broker.publisher.publish([
                    OutgoingMessage(exchange: "", routingKey: "q", body: body)
                ])
            }
            defer { sending.cancel() }
            try await isStuck.passed()
            began.withLock { $0 = clock.now }
        }
        gate.open()
        #expect(clock.now - began.withLock { $0 } < .seconds(30))
    }

    @Test("a publish that is cancelled leaves nothing behind, wherever the cancellation finds it")
    func cancelled() async throws {
        let (isBlocking, mayConfirm) = (Gate(), Gate())
        let peer = try ScriptedPeer(publishing: { client in
            try client.acceptPublisher()
            _ = try client.expectPublish()
            try mayConfirm.wait()
            try client.send(.confirm(.ack, 1))
            try isBlocking.wait()
            try client.send(.method(.blocked, on: 0, AMQPBytes.string("low on memory")))
        })
        try await withPeer(peer) { broker in
            // Waiting for its confirm: what was sent stays sent, and its late answer is awaited.
            let sent = Task { try await broker.publisher.publish(messages("a")) }
            #expect(await eventually { await broker.snapshots().publishing?.unanswered == 1 })
            sent.cancel()
            let outcomes = try await sent.value
            #expect(outcomes == [.unconfirmed])
            #expect(await broker.snapshots().publishing?.publishes == 0)
            mayConfirm.open()
            #expect(await eventually { await broker.snapshots().publishing?.unanswered == 0 })

            // Blocked: nothing of it goes out.
            isBlocking.open()
            #expect(await eventually { !broker.isPublishing })
            let waiting = Task { try await broker.publisher.publish(messages("b")) }
            #expect(await eventually { await broker.snapshots().publishing?.publishes == 1 })
            waiting.cancel()
            await expectCancelled(waiting)

            // Cancelled before it began.
            let early = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await broker.publisher.publish(messages("c"))
            }
            await expectCancelled(early)
            let left = await broker.snapshots().publishing
            #expect(left?.publishes == 0 && left?.unanswered == 0 && left?.channels == 1)
        }
    }

    private func expectCancelled(_ task: Task<[PublishOutcome], any Error>) async {
        let error = await #expect(throws: AMQPError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }
}
