import StripePeer
import TestSupport
import Testing

@testable import Orchestrator

/// Which failures prove that nothing was sent, and how calls are bounded.
@Suite(.timeLimit(.minutes(10)), .serialized) struct StripeTransportTests {
    /// Time for a connection to be made, even by a busy machine, and for nothing else to come.
    private static let limit = Duration.seconds(4)

    /// Asks for one refund at that base URL.
    private func reply(
        _ baseURL: String, within limit: Duration = limit
    ) async throws -> StripeReply {
        var configuration = StripeSamples.configuration
        configuration.baseURL = baseURL
        configuration.connectTimeout = .milliseconds(3_800)
        configuration.callTimeout = limit
        let transport = StripeTransport(configuration)
        let request = try #require(StripeRequest.refund(StripeSamples.refund(), amount: 700))
        let start = ContinuousClock.now
        let reply = await transport.send(request, until: transport.deadline())
        // A busy machine may wake us late; hanging is another thing.
        #expect(ContinuousClock.now - start < .seconds(60))
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
        #expect(try await reply(proxy.baseURL, within: .seconds(10)) == .tooLarge)
        let redirect = StripeResponse(status: 307, body: [])
        #expect(
            try await reply(proxy.baseURL, within: .seconds(10)) == .answered(redirect))
        try await proxy.stop()
    }

    @Test("Of thousands of calls at once each ends within its time, whatever goes wrong")
    func everyCallEnds() async throws {
        var faulty = StripeFaultProxy.Configuration()
        faulty.faults = StripeFaultPlan(share: 0.8, seed: 7)
        faulty.lateness = .milliseconds(450)
        faulty.stall = .milliseconds(700)
        let proxy = try await StripeFaultProxy.start(peer: nil, faulty)
        var configuration = StripeSamples.configuration
        configuration.baseURL = proxy.baseURL
        configuration.callTimeout = .milliseconds(500)
        let provider = StripeProvider(configuration)
        let ended = Locked(0)
        let calls = 4_000
        let running = Task {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<calls {
                    if number >= 256 { await group.next() }
                    group.addTask {
                        let refund = StripeSamples.refund("r-\(number)/p", of: "ch_none")
                        _ =
                            number.isMultiple(of: 2)
                            ? await provider.refund(refund) : await provider.lookUp(refund)
                        ended.withLock { $0 += 1 }
                    }
                }
            }
        }
        let allEnded = await eventually(within: 400) { ended.withLock { $0 } == calls }
        #expect(allEnded, "\(calls - ended.withLock { $0 }) calls did not end")
        running.cancel()
        if allEnded { await running.value }
        await provider.close()
        try await proxy.stop()
    }
}
