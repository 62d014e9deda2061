import StripePeer
import TestSupport
import Testing

@testable import Orchestrator

/// The provider against localstripe, whose authors are not ours, through the fault proxy.
@Suite(.timeLimit(.minutes(10))) struct StripePeerTests {
    private static let peer = Task { try await LocalStripe.start() }

    private func withProxy(
        _ script: [StripeFault?] = [],
        _ body: (StripeFaultProxy, StripeProvider) async throws -> Void
    ) async throws {
        var configuration = StripeFaultProxy.Configuration()
        configuration.stall = .seconds(14)
        configuration.turnMilliseconds = 1...20
        let proxy = try await StripeFaultProxy.start(peer: Self.peer.value, configuration)
        await proxy.setFaults(StripeFaultPlan(script: script))
        var settings = StripeSamples.configuration
        settings.baseURL = proxy.baseURL
        // Generous, for a peer on a busy machine; shorter than the stall.
        settings.connectTimeout = .seconds(10)
        settings.callTimeout = .seconds(10)
        let provider = StripeProvider(settings)
        do {
            try await body(proxy, provider)
        } catch {
            await provider.close()
            try await proxy.stop()
            throw error
        }
        await provider.close()
        try await proxy.stop()
    }

    @Test(
        "A refund is made once under its key, retrieved by its id and found by its leg",
        arguments: ["ch_", "py_", "pi_"])
    func theWire(_ prefix: String) async throws {
        try await withProxy { proxy, provider in
            let payment = try await proxy.makeCharge(1_000, prefix: prefix)
            var refund = StripeSamples.refund("r-\(prefix)/p", of: payment)
            #expect(await provider.lookUp(refund) == .notFound)
            guard case .succeeded(let object) = await provider.refund(refund) else {
                throw SupportFailure("the refund was not made")
            }
            #expect(object.amount == 700 && object.currency == "USD")
            #expect(await provider.refund(refund) == .succeeded(object))
            #expect(await provider.lookUp(refund) == .succeeded(object))
            refund.refundReference = object.reference
            #expect(await provider.lookUp(refund) == .succeeded(object))
            refund.refundReference = "re_gone"
            #expect(await provider.lookUp(refund) == .succeeded(object))
            let kept = await proxy.books.refunds(ofLeg: refund.legID)
            #expect(kept.map(\.id) == [object.reference])
            #expect(kept.first?.metadata["request_id"] == "r-\(prefix)")
        }
    }

    @Test("A refund is found on whichever page of the payment's refunds it is")
    func pages() async throws {
        try await withProxy { proxy, provider in
            let payment = try await proxy.makeCharge(10_000)
            let first = StripeSamples.refund("r-first/p", of: payment, amount: 10)
            let made = await provider.refund(first)
            for number in 0..<(StripeRequest.pageSize + 20) {
                let other = StripeSamples.refund("r-\(number)/p", of: payment, amount: 10)
                guard case .succeeded = await provider.refund(other) else {
                    throw SupportFailure("refund \(number) was not made")
                }
            }
            #expect(await provider.lookUp(first) == made)
            let missing = StripeSamples.refund("r-none/p", of: payment, amount: 10)
            #expect(await provider.lookUp(missing) == .notFound)
            // More than is left, and none of it ours: surely somebody else's.
            let large = StripeSamples.refund("r-none/p", of: payment, amount: 9_999)
            #expect(await provider.lookUp(large) == .contested(.takenByOthers))
        }
    }

    @Test("A second refund that the payment has nothing left for is contested")
    func contests() async throws {
        try await withProxy { proxy, provider in
            let payment = try await proxy.makeCharge(1_000)
            _ = await provider.refund(StripeSamples.refund("r-a/p", of: payment))
            let more = StripeSamples.refund("r-b/p", of: payment)
            #expect(await provider.refund(more) == .contested(.exceedsAmount))
            _ = await provider.refund(StripeSamples.refund("r-c/p", of: payment, amount: 300))
            let again = StripeSamples.refund("r-d/p", of: payment)
            #expect(await provider.refund(again) == .contested(.alreadyRefunded))
            #expect(await provider.lookUp(again) == .contested(.takenByOthers))
        }
    }

    @Test(
        "What is lost on the way is found by the same key or by look-up, and made once",
        arguments: [
            (.dropAfter, .unknown(.noAnswer)), (.resetAfter, .unknown(.noAnswer)),
            (.stalled, .unknown(.noAnswer)), (.truncated, .unknown(.noAnswer)),
            (.garbage, .unknown(.unreadable)), (.withoutID, .unknown(.unreadable)),
            (.huge, .unknown(.unreadable)),
        ] as [(StripeFault, ProviderAnswer)])
    func lostAnswers(_ fault: StripeFault, _ expected: ProviderAnswer) async throws {
        try await withProxy([fault]) { proxy, provider in
            let payment = try await proxy.makeCharge(1_000)
            let refund = StripeSamples.refund("r-\(fault)/p", of: payment)
            #expect(await provider.refund(refund) == expected)
            let found = await provider.lookUp(refund)
            guard case .succeeded(let object) = found else {
                throw SupportFailure("it is not found: \(found)")
            }
            #expect(await provider.refund(refund) == .succeeded(object))
            #expect(await proxy.books.refunds(ofLeg: refund.legID).count == 1)
        }
    }

    @Test(
        "What surely did nothing may be asked again, and is then made once",
        arguments: [
            (.rateLimited, .notNow(.rateLimited, retryAfter: 1)),
            (.unavailable, .unknown(.serverError(503))), (.keyInUse, .unknown(.keyInUse)),
            (.dropBefore, .unknown(.noAnswer)), (.resetBefore, .unknown(.noAnswer)),
            (.redirected, .unknown(.unreadable)),
        ] as [(StripeFault, ProviderAnswer)])
    func withoutEffect(_ fault: StripeFault, _ expected: ProviderAnswer) async throws {
        try await withProxy([fault]) { proxy, provider in
            let payment = try await proxy.makeCharge(1_000)
            let refund = StripeSamples.refund("r-\(fault)/p", of: payment)
            #expect(await provider.refund(refund) == expected)
            #expect(await proxy.books.refunds(ofLeg: refund.legID).isEmpty)
            guard case .succeeded = await provider.refund(refund) else {
                throw SupportFailure("it was not made")
            }
            #expect(await proxy.books.refunds(ofLeg: refund.legID).count == 1)
        }
    }

    @Test("A stored 500 comes again for its key; only a look-up tells whether there was an effect")
    func storedErrors() async throws {
        try await withProxy([.storedErrorAfter, nil, nil, .storedErrorBefore]) { proxy, provider in
            let payment = try await proxy.makeCharge(2_000)
            let made = StripeSamples.refund("r-made/p", of: payment)
            #expect(await provider.refund(made) == .unknown(.serverError(500)))
            #expect(await provider.refund(made) == .unknown(.serverError(500)))
            guard case .succeeded = await provider.lookUp(made) else {
                throw SupportFailure("it is not found")
            }
            let never = StripeSamples.refund("r-never/p", of: payment)
            #expect(await provider.refund(never) == .unknown(.serverError(500)))
            #expect(await provider.refund(never) == .unknown(.serverError(500)))
            #expect(await provider.lookUp(never) == .notFound)
        }
    }

    @Test(
        "A look-up that fails, or whose list lags behind, is never an answer about the refund",
        arguments: [
            (.dropAfter, .unknown(.noAnswer)), (.garbage, .unknown(.unreadable)),
            (.truncated, .unknown(.noAnswer)), (.unavailable, .unknown(.serverError(503))),
            (.rateLimited, .notNow(.rateLimited, retryAfter: 1)), (.huge, .unknown(.unreadable)),
            (.redirected, .unknown(.unreadable)), (.emptyList, .notFound),
        ] as [(StripeFault, ProviderAnswer)])
    func failingLookUps(_ fault: StripeFault, _ expected: ProviderAnswer) async throws {
        try await withProxy([nil, fault]) { proxy, provider in
            let payment = try await proxy.makeCharge(700)
            let refund = StripeSamples.refund("r-look-\(fault)/p", of: payment)
            let made = await provider.refund(refund)
            #expect(await provider.lookUp(refund) == expected)
            #expect(await provider.lookUp(refund) == made)
        }
    }

    @Test("Statuses that the provider changes later are seen by look-up")
    func laterStatuses() async throws {
        try await withProxy { proxy, provider in
            for (fate, ending) in [
                (StripeFate.pendingThenSucceeds, "succeeded"),
                (.pendingThenFails("lost_or_stolen_card"), "lost_or_stolen_card"),
                (.actionThenCanceled, "canceled"), (.reversed("declined"), "declined"),
            ] {
                let payment = try await proxy.makeCharge(700, "usd", fate)
                let refund = StripeSamples.refund("r-\(ending)-\(payment)/p", of: payment)
                let first = await provider.refund(refund)
                let turned = await eventually(within: 120) {
                    switch await provider.lookUp(refund) {
                    case .succeeded: ending == "succeeded"
                    case .failed(let reason, _?): reason == ending
                    default: false
                    }
                }
                #expect(turned, "\(fate) began with \(first)")
            }
        }
    }

    @Test("Another key that Stripe does not take is told apart from a refund that failed")
    func credentials() async throws {
        try await withProxy { proxy, _ in
            var settings = StripeSamples.configuration
            settings.baseURL = proxy.baseURL
            settings.callTimeout = .seconds(10)
            settings.apiKey = "sk_test_of_somebody_else"
            let provider = StripeProvider(settings)
            let payment = try await proxy.makeCharge(700)
            let refund = StripeSamples.refund("r-key/p", of: payment)
            #expect(await provider.refund(refund) == .notNow(.notAuthorised, retryAfter: nil))
            #expect(await provider.lookUp(refund) == .notNow(.notAuthorised, retryAfter: nil))
            await provider.close()
        }
    }
}
