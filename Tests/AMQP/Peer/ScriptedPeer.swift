import AMQP
import Dispatch
import Foundation
import Glibc
import Logging
import TestSupport
import Testing

/// A broker that follows a script, frame by frame, on a thread for each connection. It stands in for
/// what no real broker does when asked to: lies, silence, and bytes in odd pieces.
final class ScriptedPeer: Sendable {
    typealias Script = @Sendable (PeerConnection) throws -> Void

    let port: Int
    private let listener: Int32
    private let state = Locked(State())

    private struct State {
        var isStopped = false
        /// The test is over: scripts may be cut off anywhere.
        var isFinished = false
        var sockets: Set<Int32> = []
        var logins: [PeerConnection.Purpose: Int] = [:]
        var accepted = 0
        var failures: [String] = []
    }

    /// Logs clients in and runs the script for what they are; what no script is given for stays
    /// logged in, and idle.
    convenience init(
        offer: PeerConnection.Offer = PeerConnection.Offer(), publishing: Script? = nil,
        consuming: Script? = nil
    ) throws {
        try self.init { client, peer in
            try client.login(offer)
            client.number = peer.state.withLock { state in
                state.logins[client.purpose, default: 0] += 1
                return state.logins[client.purpose] ?? 0
            }
            try (client.purpose == .publishing ? publishing : consuming)?(client)
            try client.idle()
        }
    }

    /// Leaves everything to the script, also the login.
    convenience init(raw script: @escaping Script) throws {
        try self.init { client, _ in try script(client) }
    }

    private init(_ script: @escaping @Sendable (PeerConnection, ScriptedPeer) throws -> Void) throws
    {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let status = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard status else { throw SupportFailure("no port is free for a scripted peer") }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { self.accept(script) }
    }

    var url: String { "amqp://guest:guest@127.0.0.1:\(port)/" }

    /// Connections accepted so far, logged in or not.
    var accepted: Int { state.withLock { $0.accepted } }

    /// What scripts missed or did not expect so far; nothing counts as such any more.
    func finish() -> [String] {
        state.withLock { state in
            state.isFinished = true
            return state.failures
        }
    }

    /// No more connections; those there are break.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.isFinished = true
            for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func accept(
        _ script: @escaping @Sendable (PeerConnection, ScriptedPeer) throws -> Void
    ) {
        while true {
            let socket = Glibc.accept(listener, nil, nil)
            let isServed = state.withLock { state in
                guard socket >= 0, !state.isStopped else { return false }
                state.sockets.insert(socket)
                state.accepted += 1
                return true
            }
            guard isServed else { break }
            Thread.detachNewThread { self.serve(socket, script) }
        }
        close(listener)
    }

    private func serve(
        _ socket: Int32, _ script: @Sendable (PeerConnection, ScriptedPeer) throws -> Void
    ) {
        do {
            try script(PeerConnection(socket: socket), self)
        } catch {
            state.withLock { state in
                if !state.isFinished { state.failures.append("\(error)") }
            }
        }
        // Under the lock, so that stop() never shuts down another's number.
        state.withLock { state in
            state.sockets.remove(socket)
            _ = close(socket)
        }
    }
}

/// Runs a broker object against a peer. A script that was not followed fails the test.
func withPeer(
    _ peer: ScriptedPeer, logger: Logger = .quiet,
    configure: (inout BrokerConfiguration) -> Void = { _ in },
    _ body: (Broker) async throws -> Void
) async throws {
    defer { peer.stop() }
    try await withBroker(peer.url, logger: logger, configure: configure) { broker in
        defer { #expect(peer.finish() == []) }
        try await body(broker)
    }
}

/// Holds a script until the test lets it go on, or the other way round.
struct Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open() { semaphore.signal() }

    func wait() throws {
        let limit = DispatchTime.now() + .seconds(PeerConnection.patience)
        guard semaphore.wait(timeout: limit) == .success else {
            throw SupportFailure("the test did not let the script go on")
        }
    }

    /// For a test: waits without holding a thread of the pool.
    func passed() async throws {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try wait() }) }
        }
    }
}
