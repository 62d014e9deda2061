import AMQP
import Foundation
import TestSupport
import Testing

@Suite("A scripted peer and the connection itself", .timeLimit(.minutes(10)))
struct PeerConnectionTests {
    @Test("a connection closed by the broker gives its reason to whoever waits: code, text, method")
    func closed() async throws {
        let peer = try ScriptedPeer(consuming: { client in
            let channel = try client.acceptCall()
            guard client.number == 1 else { return try client.send(.declared("q", on: channel)) }
            let text = "CONNECTION_FORCED - closed by the operator"
            try client.send(.close(on: 0, code: 320, text, over: .queueDeclare), chunk: 1)
            try client.expect(.closeOK)
        })
        try await withPeer(peer) { broker in
            let error = await #expect(throws: AMQPError.self) {
                try await broker.topology().checkQueue("q")
            }
            #expect(error?.code == .connectionLost)
            #expect(error?.replyCode == 320 && error?.method == "queue.declare")
            #expect(
                error?.message.contains("CONNECTION_FORCED - closed by the operator (320 to")
                    == true)
            let status = try await broker.topology().checkQueue("q")
            #expect(status.consumers == 2)
        }
    }

    struct Stranger: Sendable, CustomTestStringConvertible {
        var name: String
        var code = AMQPError.Code.notConnected
        var says: String
        var script: ScriptedPeer.Script
        var testDescription: String { name }
    }

    static let strangers = [
        Stranger(name: "that accepts and never answers", says: "no AMQP answer within") {
            _ = try? $0.receive(1_000)
        },
        Stranger(name: "that hangs up at once", says: "logging in to") { _ in },
        Stranger(name: "that speaks HTTP", says: "logging in to") {
            try $0.send(Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".utf8))
            _ = try? $0.receive(1_000)
        },
        Stranger(name: "that wants another AMQP", says: "logging in to") {
            try $0.send(Array("AMQP".utf8) + [0, 1, 0, 0])
        },
        Stranger(name: "that stops half-way through the login", says: "no AMQP answer within") {
            try $0.send(PeerFrame.heartbeat.bytes.dropLast(), chunk: 1)
            _ = try? $0.receive(1_000)
        },
        Stranger(name: "that refuses the user", says: "ACCESS_REFUSED") {
            _ = try $0.receive(8)
            try $0.greet()
            try $0.expect(.startOK)
            try $0.send(.close(on: 0, code: 403, "ACCESS_REFUSED - no", over: .startOK))
            _ = try? $0.receive(1_000)
        },
    ]

    @Test("a peer is given up in time, and what it did is in the error", arguments: strangers)
    func stranger(_ stranger: Stranger) async throws {
        let peer = try ScriptedPeer(raw: stranger.script)
        let limit = Duration.milliseconds(300)
        try await withPeer(
            peer,
            configure: {
                $0.connectTimeout = limit
                $0.callTimeout = .milliseconds(900)
                $0.backoffMost = .milliseconds(100)
            }
        ) { broker in
            // Again, as the scripted side may be too slow for the limit, too.
            var last: AMQPError?
            let isSaid = await eventually {
                last = await #expect(throws: AMQPError.self) {
                    try await broker.topology().checkQueue("q")
                }
                return last?.code == .notConnected && last?.message.contains(stranger.says) == true
            }
            #expect(isSaid, "\(last?.message ?? "")")
            #expect(await eventually { peer.accepted >= 4 }, "both connections tried again")
        }
    }

    @Test("hosts are tried in turn: a dead port, strangers, the broker; after a loss the next one")
    func hosts() async throws {
        let order = Locked<[String]>([])
        func stranger(_ name: String, _ script: @escaping ScriptedPeer.Script) throws
            -> ScriptedPeer
        {
            try ScriptedPeer(raw: { client in
                order.withLock { $0.append(name) }
                try script(client)
            })
        }
        let silent = try stranger("silent") { _ = try? $0.receive(1_000) }
        let hostile = try stranger("hostile") { _ = try? $0.send([UInt8](repeating: 1, count: 99)) }
        defer {
            silent.stop()
            hostile.stop()
        }
        let gate = Gate()
        let living = try ScriptedPeer(
            consuming: { client in
                order.withLock { $0.append("living") }
                if client.number == 1 {
                    try gate.wait()
                    client.halfClose()
                }
            })
        defer { living.stop() }
        let dead = try FreePort.take()
        let uri = ["amqp://guest:guest@127.0.0.1:\(dead)/", silent.url, hostile.url, living.url]
            .joined(separator: ",")
        try await withBroker(uri, configure: { $0.connectTimeout = .seconds(3) }) { broker in
            // Each of both connections meets both strangers, in this order, before the broker.
            // The script of the living one begins after the login, which the broker object sees first.
            #expect(
                await eventually {
                    broker.isConnected && hostile.accepted >= 2
                        && order.withLock { $0.contains("living") }
                })
            let met = order.withLock { $0 }
            #expect(met.first == "silent")
            #expect(met.firstIndex(of: "hostile") ?? .max < met.firstIndex(of: "living") ?? 0)
            let before = silent.accepted
            gate.open()
            #expect(await eventually { !broker.isConnected })
            #expect(await eventually { broker.isConnected })
            // Round again from the first: not back to the host that had just fallen.
            #expect(silent.accepted > before)
        }
        #expect(living.finish() == [])
    }

    @Test("a broker that logs in and hangs up is tried ever more rarely, not at once")
    func flapping() async throws {
        let peer = try ScriptedPeer(
            publishing: { $0.halfClose() }, consuming: { $0.halfClose() })
        try await withPeer(
            peer,
            configure: {
                $0.backoffFirst = .milliseconds(20)
                $0.backoffMost = .seconds(5)
            }
        ) { broker in
            let began = ContinuousClock.now
            #expect(await eventually { peer.accepted >= 8 })
            // Waits of 20, 40, 80 … ms, at least half of each: within a second at most seven
            // attempts each, where a back-off reset by each login would make a hundred.
            try await Task.sleep(for: .seconds(1))
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            #expect(Double(peer.accepted) <= 24 + seconds)
        }
    }

    @Test("no channel is left: the calls too many are refused, the others and the link stand")
    func channelMax() async throws {
        let gate = Gate()
        let peer = try ScriptedPeer(
            offer: PeerConnection.Offer(channelMax: 2),
            consuming: { client in
                let channels = [try client.acceptConsumer(), try client.acceptCall()]
                try gate.wait()
                try client.send(.declared("q", on: channels[1]))
            })
        try await withPeer(peer) { broker in
            let consumer = broker.consumer(queue: "q", prefetch: 1, maxBatch: 1)
            #expect(await eventually { consumer.isConsuming })
            async let first = broker.topology().checkQueue("q")
            #expect(await eventually { await broker.snapshots().consuming?.channels == 2 })
            let error = await #expect(throws: AMQPError.self) {
                try await broker.topology().checkQueue("q")
            }
            #expect(error?.message.contains("no free channel") == true)
            let second = broker.consumer(queue: "q", prefetch: 1, maxBatch: 1)
            #expect(await eventually { await broker.snapshots().consuming?.subscriptions == 2 })
            gate.open()
            let status = try await first
            #expect(status.messages == 3)
            #expect(consumer.isConsuming && !second.isConsuming && peer.accepted == 2)
        }
    }

    @Test(
        "a cancelled topology call ends at once; closes that cross, and a late answer, are no harm")
    func cancelledCall() async throws {
        let gate = Gate()
        let peer = try ScriptedPeer(consuming: { client in
            var channel = try client.acceptCall()
            gate.open()
            try client.expect(.channelClose)
            try client.send(.declared("q", on: channel))
            try client.send(.method(.channelCloseOK, on: channel))

            channel = try client.acceptCall()
            gate.open()
            try client.expect(.channelClose)
            // As if sent before the client's had come.
            try client.send(.close(on: channel, code: 404, "NOT_FOUND - q", over: .queueDeclare))
            try client.expect(.channelCloseOK)
            try client.send(.method(.channelCloseOK, on: channel))

            channel = try client.acceptCall()
            try client.send(.declared("q", on: channel))
        })
        try await withPeer(peer) { broker in
            for _ in 1...2 {
                let call = Task { try await broker.topology().checkQueue("q") }
                try await gate.passed()
                call.cancel()
                let error = await #expect(throws: AMQPError.self) { try await call.value }
                #expect(error?.code == .cancelled)
                #expect(await broker.snapshots().consuming?.calls == 0)
                #expect(await eventually { await broker.snapshots().consuming?.channels == 0 })
            }
            let early = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await broker.topology().checkQueue("q")
            }
            await #expect(throws: AMQPError.self) { try await early.value }
            let status = try await broker.topology().checkQueue("q")
            #expect(status.messages == 3 && peer.accepted == 2, "the connection stood")
        }
    }
}
