import AMQP
import Foundation
import RefundMessages
import TestSupport
import Testing

@testable import PaymentWebhook

/// The service as a process, with a real broker.
@Suite(.timeLimit(.minutes(10)), .serialized) struct ProcessTests {
    @Test func aNoticeIsConfirmedBeforeTheProviderHearsOfSuccess() async throws {
        let system = try await Installation.shared()
        let before = try await system.counts()
        #expect(try await system.send("evt_c1") == 200)
        #expect(try await system.send("evt_c1") == 200)
        #expect(try await system.send("evt_c2", secret: "whsec_fedcba9876543210") == 400)
        // More at once than there may be connections.
        try await withThrowingTaskGroup { group in
            for id in 3..<203 { group.addTask { try await system.send("evt_c\(id)") } }
            for try await status in group { #expect(status == 200) }
        }
        let expected = Set((1..<203).filter { $0 != 2 }.map { "evt_c\($0)" })
        let notices = try await system.notices { expected.isSubset(of: $0) }
        let ids = notices.compactMap(\.properties.messageID).filter { $0.hasPrefix("evt_c") }
        #expect(Set(ids) == expected)
        #expect(ids.count == expected.count, "a repetition was published")
        let first = try #require(notices.first { $0.properties.messageID == "evt_c1" })
        #expect(first.exchange == "refund.payments" && first.routingKey == "stripe")
        #expect(first.properties.deliveryMode == 2)
        let notice = PaymentNotice(provider: .stripe, eventID: "evt_c1", legID: "r-1/p-1")
        #expect(try PaymentNotice.decode(first.body) == notice)

        let after = try await system.counts()
        for (result, count) in [("published", 201), ("duplicate", 1), ("wrong_signature", 1)] {
            #expect(after[result, default: 0] - before[result, default: 0] == count, "\(result)")
        }
        #expect(!system.webhook.output.contains("r-1/p-1"))
    }

    @Test func thePublicPortHasNoMetrics() async throws {
        let system = try await Installation.shared()
        let connection = try RawConnection(port: system.port)
        await connection.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let answer = await connection.answer()
        #expect(answer?.status == 400)
        #expect(answer?.body.contains("webhook_events") == false)
        #expect(try await system.webhook.get("/metrics").status == 200)
    }

    @Test func whatTheBrokerDoesNotTakeIsSentAgainAndNotLost() async throws {
        let system = try await Installation.shared()
        let broker = system.broker
        // Away.
        try await broker.stop()
        #expect(await eventually { (try? await system.webhook.get("/readyz").status) == 503 })
        #expect(try await system.send("evt_away") == 503)
        try await broker.restart()
        try await system.webhook.waitUntilReady()
        #expect(await eventually { (try? await system.send("evt_away")) == 200 })

        // There, and silent: answered within a bounded time.
        try await broker.pause()
        let start = ContinuousClock.now
        #expect(try await system.send("evt_paused") == 503)
        #expect(ContinuousClock.now - start < NoticePublisher.time + .seconds(30))
        broker.resume()
        #expect(await eventually { (try? await system.send("evt_paused")) == 200 })

        // Out of memory: it blocks publishers.
        try await broker.control("set_vm_memory_high_watermark", "0.000001")
        #expect(await eventually { (try? await system.send("evt_\(UUID())")) == 503 })
        #expect(await eventually { (try? await system.webhook.get("/readyz").status) == 503 })
        #expect(try await system.send("evt_blocked") == 503)
        try await broker.control("set_vm_memory_high_watermark", "0.6")
        #expect(await eventually { (try? await system.send("evt_blocked")) == 200 })

        // A full queue: it refuses (basic.nack).
        try await broker.control(
            "set_policy", "full", "^refund\\.payments$", #"{"max-length": 1}"#, "--apply-to",
            "queues")
        #expect(await eventually { (try? await system.send("evt_\(UUID())")) == 503 })
        #expect(try await system.send("evt_full") == 503)
        try await broker.control("clear_policy", "full")
        #expect(await eventually { (try? await system.send("evt_full")) == 200 })

        let awaited: Set = ["evt_away", "evt_paused", "evt_blocked", "evt_full"]
        let taken = try await system.notices { awaited.isSubset(of: $0) }
        #expect(awaited.isSubset(of: Set(taken.compactMap(\.properties.messageID))))
    }

    @Test func aStopAnswersWhatIsUnderWayAndEndsWell() async throws {
        let system = try await Installation.shared()
        let (process, port) = try await system.launch()
        let idle = try RawConnection(port: port)
        let busy = try RawConnection(port: port)
        try await system.broker.pause()
        let start = ContinuousClock.now
        await busy.send(EventRequest(event: "evt_s1").bytes)
        let isUnderWay = await eventually {
            (try? await process.get("/metrics").body.contains("amqp_published_total 1")) == true
        }
        #expect(isUnderWay)
        async let ending = process.terminate()
        #expect(await idle.closes(within: 60))
        system.broker.resume()
        // Where the machine stood still for longer than a notice may take, it is to be sent again.
        let answer = try #require(await busy.answer())
        let isLate = ContinuousClock.now - start > NoticePublisher.time
        #expect(answer.status == 200 || isLate && answer.status == 503)
        #expect(try await ending == 0)
    }

    @Test func aSecretIsReplacedWithoutAPause() async throws {
        let system = try await Installation.shared()
        let fresh = "whsec_fedcba9876543210"
        func change(_ text: String, says: String) async throws {
            let before = system.webhook.output.count
            try text.write(toFile: system.secretFile, atomically: true, encoding: .utf8)
            kill(system.webhook.pid, SIGHUP)
            let isSaid = await eventually {
                system.webhook.output.dropFirst(before).contains(says)
            }
            #expect(isSaid, "\(system.webhook.output)")
        }
        #expect(try await system.send("evt_r1", secret: fresh) == 400)
        try await change("\(EventRequest.secret)\n\(fresh)\n", says: "read again")
        #expect(try await system.send("evt_r2", secret: fresh) == 200)
        #expect(try await system.send("evt_r3") == 200)
        try await change("sk_live_not_a_signing_secret", says: "STRIPE_WEBHOOK_SECRET_FILE")
        #expect(try await system.send("evt_r4", secret: fresh) == 200)
        #expect(try await system.send("evt_r5") == 200)
        try await change(fresh, says: "read again")
        #expect(try await system.send("evt_r6", secret: fresh) == 200)
        #expect(try await system.send("evt_r7") == 400)
        try await change(EventRequest.secret, says: "read again")
        for secret in [fresh, EventRequest.secret, "sk_live"] {
            #expect(!system.webhook.output.contains(secret))
        }
    }

    @Test func itHasNoOtherRight() async throws {
        let system = try await Installation.shared()
        let isRefused = try await withBroker(try system.url) { broker in
            let consumer = broker.consumer(queue: "refund.payments", prefetch: 1, maxBatch: 1)
            let log = system.broker.directory + "/log/broker.log"
            let isRefused = await eventually {
                ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").contains(
                    "queue 'refund.payments' in vhost '/' refused for user 'payment-webhook'")
            }
            #expect(!consumer.isConsuming)
            await consumer.cancel()
            return isRefused
        }
        #expect(isRefused)
    }
}
