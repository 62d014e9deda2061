import AMQP
import DeadLettersSupport
import Foundation
import RefundMessages
import TestSupport
import Testing

@testable import WorkerRuntime

/// The service as a process, on a real broker, from the dead letter to what came of its replay.
@Suite(.timeLimit(.minutes(10))) struct ReplayTests {
    /// A service of ours at the queue of requests, which refuses what the test says.
    private func serve(
        _ system: DeadLetterSystem, refusing isRefused: @escaping @Sendable (String) -> Bool,
        _ body: (Locked<[Incoming]>) async throws -> Void
    ) async throws {
        final class Handler: BatchHandler {
            let seen = Locked<[Incoming]>([])
            let isRefused: @Sendable (String) -> Bool
            init(_ isRefused: @escaping @Sendable (String) -> Bool) { self.isRefused = isRefused }
            func handle(_ batch: [Incoming]) async throws -> Handled {
                seen.withLock { $0 += batch }
                return Handled(
                    dispositions: batch.map { incoming in
                        isRefused(String(decoding: incoming.delivery.body, as: UTF8.self))
                            ? .deadLetter(
                                DeadLetter(
                                    reason: "invalid_message", path: "/orderId",
                                    detail: "The value at /orderId is missing."))
                            : .done
                    })
            }
        }
        let handler = Handler(isRefused)
        let consumer = QueueConsumer(
            .init(queue: "refund.requests", handler: handler), instance: "test-1",
            broker: system.client, logger: .quiet)
        let running = Task { try await consumer.run() }
        try await body(handler.seen)
        running.cancel()
        _ = await running.result
    }

    @Test("A refused request is seen, edited and replayed, processed, and then resolved")
    func editAndReplay() async throws {
        try await DeadLetterSystem.with { system in
            let isMended: @Sendable (String) -> Bool = { !$0.contains("orderId") }
            try await serve(system, refusing: isMended) { seen in
                var properties = MessageProperties()
                properties.messageID = "m-1"
                properties.userID = "guest"
                properties.headers = FieldTable([("traceparent", .string(Array("t".utf8)))])
                let broken = #"{"requestId":"r-1","accountId":"a-1"}"#
                try await system.publish([
                    OutgoingMessage(
                        exchange: "refund.requests", routingKey: "request",
                        properties: properties, body: Array(broken.utf8))
                ])
                #expect(try await eventually { try await system.total() == 1 })

                let found = try await system.deadLetters("requestId=r-1&state=open")
                let id = try #require(found.first?["id"] as? String)
                let shown = try await system.call("GET", "/v1/dead-letters/\(id)").json
                #expect(shown["reason"] as? String == "invalid_message")
                #expect(shown["path"] as? String == "/orderId")
                #expect(shown["body"] as? String == broken)
                #expect(shown["origin"] as? String == "service")
                #expect((shown["pretty"] as? [String: Any])?["faultLine"] as? Int == 1)
                #expect((shown["forecast"] as? [String: Any])?["code"] as? String == "fails")

                // Replayed as it is: it fails again, and both say so.
                let again = try await system.run(
                    #"{"key":"k-1","action":"replay","select":{"ids":["\#(id)"]}}"#)
                #expect(again["done"] as? Int == 1)
                #expect((again["forecast"] as? [String: Any])?["fails"] as? Int == 1)
                #expect(try await eventually { try await system.total() == 2 })
                let second = try #require(try await system.deadLetters("state=open").first)
                #expect(second["replayOf"] as? String == id)
                #expect(second["attempts"] as? Int == 1)
                let first = try await system.call("GET", "/v1/dead-letters/\(id)").json
                #expect(first["state"] as? String == "replayed")
                #expect(first["failedAgainAs"] as? String == second["id"] as? String)

                // An edit that today's code would refuse is refused before it is sent.
                let next = try #require(second["id"] as? String)
                let edit = { (body: String, key: String) in
                    let text = Data(body.utf8).base64EncodedString()
                    return #"{"key":"\#(key)","action":"replay","select":{"ids":["\#(next)"]},"#
                        + #""edit":{"bodyBase64":"\#(text)"}}"#
                }
                let refused = try await system.call(
                    "POST", "/v1/jobs", body: edit(#"{"requestId":"r-1"}"#, "k-2"))
                #expect(refused.status == 422)
                #expect(refused.json["path"] as? String == "/orderId")

                let mended = DeadLetterSamples.request("r-1")
                let job = try await system.run(edit(mended, "k-3"))
                let diff = try #require(job["diff"] as? [[String: Any]])
                #expect(diff.contains { $0["op"] as? String == "added" })
                #expect(
                    try await eventually {
                        try await system.deadLetters("state=resolved").first?["id"] as? String
                            == next
                    })
                let incoming = try #require(seen.withLock { $0.last })
                #expect(incoming.delivery.body == Array(mended.utf8))
                #expect(incoming.exchange == "refund.requests")
                #expect(incoming.routingKey == "request")
                #expect(incoming.attempts == 0 && incoming.firstFailedAt == nil)
                let sent = incoming.delivery.properties
                #expect(sent.messageID != "m-1" && sent.messageID?.hasPrefix("edit-") == true)
                #expect(sent.headers?["refund-edit-of"] == .string(Array("m-1".utf8)))
                #expect(sent.headers?["traceparent"] != nil && sent.headers?["x-death"] == nil)
                #expect(
                    try await eventually { try await system.ready(in: "refund.dead-letters") == 0 })
            }
        }
    }

    @Test(
        "Everything that a filter finds is replayed once, at the set rate, however often it is asked"
    )
    func bulk() async throws {
        try await DeadLetterSystem.with { system in
            try await system.publish(
                (0..<600).map {
                    DeadLetterSamples.fromService(
                        DeadLetterSamples.request("r-\($0)"), id: "m-\($0)")
                })
            #expect(try await eventually { try await system.total() == 600 })
            try await system.publish([
                DeadLetterSamples.fromService("{}", id: "other", reason: "unknown_line")
            ])
            #expect(try await eventually { try await system.total() == 601 })
            let job = """
                {"key":"all","action":"replay","ratePerSecond":200,
                 "select":{"filter":{"reason":"invalid_message"}},"start":true}
                """
            let start = ContinuousClock.now
            let made = try await system.call("POST", "/v1/jobs", body: job)
            let id = try #require(made.json["id"] as? String)
            #expect(try await system.call("POST", "/v1/jobs", body: job).status == 200)
            let ended = try await system.finished(id)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            #expect(ended["done"] as? Int == 600)
            // 600 messages at 200 a second; the first go at once. A busy machine takes longer.
            #expect(seconds > 2.7, "\(seconds) s")
            let sent = try await system.take(600, from: "refund.requests")
            #expect(Set(sent.compactMap(\.properties.messageID)).count == 600)
            #expect(sent.count == 600)
            // A job that is asked for anew finds nothing open that it applies to.
            let second = try await system.run(
                #"{"key":"all-2","action":"replay","select":{"filter":{"reason":"invalid_message"}}}"#
            )
            #expect(second["total"] as? Int == 0)
            #expect(try await system.total("replayed") == 600)
            #expect(try await system.total("open") == 1)
        }
    }
}
