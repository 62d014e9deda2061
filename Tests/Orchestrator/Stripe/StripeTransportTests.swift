import StripePeer
import TestSupport
import Testing

@testable import Orchestrator

/// Which failures prove that nothing was sent, and how calls are bounded.
@Suite(.timeLimit(.minutes(1))) struct StripeTransportTests {
    private static let limit = Duration.milliseconds(500)

    /// Asks for one refund at that base URL.
    private func reply(_ baseURL: String) async throws -> StripeReply {
        var configuration = StripeSamples.configuration
        configuration.baseURL = baseURL
        configuration.connectTimeout = .milliseconds(400)
        configuration.callTimeout = Self.limit
        let transport = StripeTransport(configuration)
        let request = try #require(StripeRequest.refund(StripeSamples.refund(), amount: 700))
        let start = ContinuousClock.now
        let reply = await transport.send(request, until: transport.deadline())
        // A busy machine may wake us late; hanging is another thing.
        #expect(ContinuousClock.now - start < .seconds(10))
        await transport.close()
        return reply
    }

    @Test("A refused connection, an unknown host and a failed TLS handshake sent nothing")
    func notSent() async throws {
        let closed = try FreePort.take()
        #expect(try await reply("http://127.0.0.1:\(closed)") == .notSent)
        #expect(try await reply("https://no-such-host.invalid") == .notSent)
        let plain = try await StripeFaultProxy.start(peer: nil)
        #expect(try await reply("https://127.0.0.1:\(plain.port)") == .notSent)
        #expect(await plain.requests == 0)
        try await plain.stop()
    }

    @Test("A listener that never accepts TLS sent nothing, within the time")
    func hangingHandshake() async throws {
        let silent = try SilentListener()
        #expect(try await reply("https://127.0.0.1:\(silent.port)") == .notSent)
        // Plain HTTP goes out at once: there may be an effect.
        #expect(try await reply("http://127.0.0.1:\(silent.port)") == .noAnswer)
    }

    @Test(
        "Once the request was handed to a connection, its loss proves nothing",
        arguments: [
            .dropBefore, .resetBefore, .dropAfter, .resetAfter, .stalled, .truncated,
        ] as [StripeFault])
    func noAnswer(_ fault: StripeFault) async throws {
        var configuration = StripeFaultProxy.Configuration()
        configuration.faults.script = [fault]
        let proxy = try await StripeFaultProxy.start(peer: nil, configuration)
        #expect(try await reply(proxy.baseURL) == .noAnswer)
        try await proxy.stop()
    }

    @Test("An answer is read up to a bound, and a redirect is not followed")
    func bounds() async throws {
        var configuration = StripeFaultProxy.Configuration()
        configuration.faults.script = [.huge, .redirected]
        let proxy = try await StripeFaultProxy.start(peer: nil, configuration)
        #expect(try await reply(proxy.baseURL) == .tooLarge)
        let redirect = StripeResponse(status: 307, body: [])
        #expect(try await reply(proxy.baseURL) == .answered(redirect))
        try await proxy.stop()
    }
}
