import NIOCore
import Testing

@testable import PaymentWebhook

/// The public port as the internet sees it.
@Suite(.timeLimit(.minutes(10))) struct WebhookServerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var request: EventRequest
        var status: Int

        init(
            _ description: String, _ status: Int, _ change: (inout EventRequest) -> Void = { _ in }
        ) {
            testDescription = description
            self.status = status
            request = EventRequest(event: "evt_1")
            change(&request)
        }
    }

    static let cases = [
        Case("an event", 200),
        Case("in chunks", 200) { $0.isChunked = true },
        Case("with a query", 200) { $0.path += "?source=stripe" },
        Case("no charset", 200) { $0.contentType = "application/json" },
        Case("GET", 400) { $0.method = "GET" },
        Case("PUT", 400) { $0.method = "PUT" },
        Case("another path", 400) { $0.path = "/v1/stripe/events/1" },
        Case("the internal port's path", 400) { $0.path = "/metrics" },
        Case("no content type", 400) { $0.contentType = nil },
        Case("a form", 400) { $0.contentType = "application/x-www-form-urlencoded" },
        Case("compressed", 400) { $0.otherFields = "Content-Encoding: gzip\r\n" },
        Case("no signature", 400) { $0.signature = nil },
        Case("two signature fields", 400) {
            $0.otherFields = "Stripe-Signature: \($0.signature ?? "")\r\n"
        },
        Case("a malformed signature", 400) { $0.signature = "t=1" },
        Case("301 s old", 400) { $0 = EventRequest($0.body, age: 301) },
        Case("of the future", 400) { $0 = EventRequest($0.body, age: -400) },
        Case("another's signature", 400) {
            $0 = EventRequest($0.body, secret: "whsec_fedcba9876543210")
        },
        Case("tampered with by one byte", 400) { $0.body[20] ^= 1 },
        Case("no UTF-8, but signed", 400) { $0 = EventRequest([0xFF, 0x00, 0x80]) },
        Case("empty, but signed", 400) { $0 = EventRequest([]) },
        Case("256 KiB", 200) { $0 = EventRequest(padded(to: 256 * 1_024)) },
        Case("256 KiB in chunks", 200) {
            $0 = EventRequest(padded(to: 256 * 1_024))
            $0.isChunked = true
        },
        Case("a byte more", 413) { $0 = EventRequest(padded(to: 256 * 1_024 + 1)) },
        Case("a byte more in chunks", 413) {
            $0 = EventRequest(padded(to: 256 * 1_024 + 1))
            $0.isChunked = true
        },
        Case("4 MiB", 413) { $0 = EventRequest(padded(to: 4 << 20)) },
        Case("4 MiB in chunks", 413) {
            $0 = EventRequest(padded(to: 4 << 20))
            $0.isChunked = true
        },
        Case("a body without end", 413) {
            $0.contentLength = Int.max
        },
    ]

    /// An event of that many bytes.
    static func padded(to count: Int) -> [UInt8] {
        let event = StripeEventTests.event("refund.updated", StripeEventTests.ours)
        return event + [UInt8](repeating: UInt8(ascii: " "), count: count - event.count)
    }

    @Test(arguments: cases)
    func eachIsAnsweredWithItsStatus(_ item: Case) async throws {
        let bench = try Bench()
        try await bench.serving { port in
            let answer = try await item.request.send(to: port)
            #expect(answer?.status == item.status)
            let published = bench.publisher.published.count
            #expect(published == (item.status == 200 ? 1 : 0))
        }
    }

    @Test func aConnectionServesOneRequestAfterAnother() async throws {
        try await Bench().serving { port in
            let connection = try RawConnection(port: port)
            for id in 1...3 {
                await connection.send(EventRequest(event: "evt_\(id)").bytes)
                #expect(await connection.answer()?.status == 200)
            }
            // Sent before the answers came.
            await connection.send((4...6).flatMap { EventRequest(event: "evt_\($0)").bytes })
            for _ in 4...6 { #expect(await connection.answer()?.status == 200) }
        }
    }

    enum Slowness: CaseIterable {
        case silent, head, body, chunks, afterAnAnswer, afterARefusal
    }

    @Test(arguments: Slowness.allCases)
    func whoeverIsSlowIsCutOffHoweverMuchDrips(_ slowness: Slowness) async throws {
        try await Bench().serving(requestTime: .seconds(4)) { port in
            let connection = try RawConnection(port: port)
            var request = EventRequest(event: "evt_1")
            switch slowness {
            case .silent: break
            case .head: await connection.send("POST /v1/stripe/events HTTP/1.1\r\n")
            case .body: await connection.send(request.head)
            case .chunks:
                request.isChunked = true
                await connection.send(request.head)
            case .afterAnAnswer:
                await connection.send(request.bytes)
                #expect(await connection.answer()?.status == 200)
            case .afterARefusal:
                request.signature = nil
                await connection.send(request.head)
                #expect(await connection.answer()?.status == 400)
            }
            let start = ContinuousClock.now
            while await !connection.closes(within: 0.05) {
                guard ContinuousClock.now - start < .seconds(60) else { break }
                switch slowness {
                case .silent, .afterAnAnswer: break
                case .head: await connection.send("X-Drip: drop\r\n")
                case .body, .afterARefusal: await connection.send("{")
                case .chunks: await connection.send("1\r\n{\r\n")
                }
            }
            #expect(connection.isClosed)
        }
    }

    @Test func aSlowAnswerIsNotCutOff() async throws {
        let bench = try Bench(time: .seconds(7))
        bench.publisher.behave(.neverAnswers)
        try await bench.serving(requestTime: .seconds(3)) { port in
            let answer = try await EventRequest(event: "evt_1").send(to: port)
            #expect(answer?.status == 503)
        }
    }

    @Test func aHeadOf64KiBIsRefused() async throws {
        try await Bench().serving { port in
            var request = EventRequest(event: "evt_1")
            request.otherFields = "X-Long: \(String(repeating: "x", count: 64 * 1_024))\r\n"
            let answer = try await request.send(to: port)
            #expect(answer == nil || answer?.status == 400)
        }
    }

    @Test func aBodyCutShortIsNoEvent() async throws {
        let bench = try Bench()
        try await bench.serving { port in
            let connection = try RawConnection(port: port)
            await connection.send(EventRequest(event: "evt_1").bytes.dropLast())
            connection.finish()
            #expect(await connection.answer()?.status != 200)
            #expect(bench.publisher.published.isEmpty)
        }
    }

    @Test func moreConnectionsThanTheBoundWaitForAPlace() async throws {
        try await Bench().serving(requestTime: .seconds(2)) { port in
            let start = ContinuousClock.now
            // NIO takes up to 16 connections at a time, and may so take a few more than the bound.
            let silent = try (0..<WebhookServer.maximumConnections + 16).map { _ in
                try RawConnection(port: port)
            }
            let answer = try await EventRequest(event: "evt_1").send(to: port)
            #expect(answer?.status == 200)
            // Only once the silent ones were cut off.
            #expect(ContinuousClock.now - start > .seconds(1))
            for connection in silent { #expect(await connection.closes(within: 40)) }
        }
    }
}
