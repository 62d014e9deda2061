import AMQP
import Database
import DeadLettersSupport
import RefundMessages
import RefundService
import Telemetry
import Testing

@testable import DeadLetters

/// What a replay sends, and when.
@Suite struct ReplayMessageTests {
    @Test("The broker's marks go, ours stay, and the count of attempts starts anew")
    func headers() async throws {
        let rig = try await StoreRig()
        var message = DeadLetterSamples.fromService(DeadLetterSamples.request("r-1"), id: "m-1")
        let text = { (text: String) in FieldValue.string(Array(text.utf8)) }
        let brokers = [
            "x-first-death-queue", "x-first-death-reason", "x-last-death-queue", "CC", "BCC",
            "x-delivery-count", "x-acquired-count",
        ]
        for name in brokers { message.properties.headers?[name] = text("refund.requests") }
        message.properties.headers?["x-death"] = .array([])
        message.properties.headers?["traceparent"] = text("t")
        message.properties.headers?["refund-original"] = .table(FieldTable([("a", .void)]))
        message.properties.userID = "storefront"
        message.properties.expiration = "1000"
        message.properties.deliveryMode = 1
        try await rig.arrive([arrival(message)])
        let job = try await rig.job(#"{"key":"k","action":"replay","select":{"ids":["1"]}}"#)
        let sent = try #require(try await rig.steps.claim(job, limit: 1).first).message
        #expect(sent.exchange == "" && sent.routingKey == "refund.requests" && sent.mandatory)
        #expect(sent.body == message.body)
        let names = Set(sent.properties.headers?.entries.map(\.key) ?? [])
        #expect(names.isDisjoint(with: brokers + ["x-death", "refund-attempts"]))
        #expect(names.isDisjoint(with: ["refund-first-failed-at", "refund-last-failed-at"]))
        #expect(
            names.isSuperset(of: [
                "refund-exchange", "refund-routing-key", "refund-reason", "refund-original",
                "refund-replay", "traceparent",
            ]))
        #expect(sent.properties.messageID == "m-1" && sent.properties.deliveryMode == 2)
        #expect(sent.properties.userID == nil && sent.properties.expiration == nil)
    }

    struct Judged: Sendable, CustomTestStringConvertible {
        var queue: String
        var body: String
        var reason = "invalid_message"
        var code: Forecast.Code
        var now: String?
        var testDescription: String { "\(queue) \(code) \(reason)" }
    }

    static let judged: [Judged] = [
        Judged(queue: "refund.requests", body: DeadLetterSamples.request("r-1"), code: .fits),
        Judged(
            queue: "refund.requests", body: DeadLetterSamples.request("r-1"),
            reason: "request_conflict", code: .depends),
        Judged(queue: "refund.requests", body: "{}", code: .fails, now: "invalid_message"),
        Judged(queue: "refund.requests", body: "{", code: .fails, now: "malformed_json"),
        Judged(
            queue: "refund.requests",
            body: DeadLetterSamples.request("r-1").replacing(
                "\"requestedAt\":\"20", with: "\"requestedAt\":\"19"),
            code: .fails, now: "requested_at_too_old"),
        Judged(queue: "refund.reviews", body: "{}", code: .fails, now: "invalid_message"),
        Judged(queue: "refund.facts.orders", body: "{}", code: .fails, now: "invalid_message"),
        Judged(
            queue: "refund.facts.monitoring",
            body: #"{"orderId":"o","lineId":"1","version":1,"everConfigured":true}"#, code: .fits),
        Judged(queue: "refund.checks.pca", body: "{}", code: .fails, now: "invalid_message"),
        Judged(queue: "refund.outcomes.pca", body: "{}", code: .fails, now: "invalid_message"),
        Judged(queue: "refund.results", body: "{}", code: .fails, now: "invalid_message"),
        Judged(queue: "refund.settlements", body: "{}", code: .fails, now: "invalid_message"),
        Judged(queue: "refund.payments", body: "{}", code: .fails, now: "invalid_message"),
        Judged(queue: "somebody.else", body: "{}", code: .unchecked),
        Judged(queue: "refund.facts.nothing", body: "{}", code: .unchecked),
    ]

    @Test("A dry run judges by the code of the queue that the message goes to", arguments: judged)
    func forecast(_ given: Judged) async throws {
        let rig = try await StoreRig()
        try await rig.arrive([
            arrival(
                DeadLetterSamples.fromService(
                    given.body, id: "m", reason: given.reason, queue: given.queue))
        ])
        let now = Instant(.now())
        let forecast = try await rig.database.read { connection in
            let record = try #require(try Record.load([1], in: connection).first)
            let content = try #require(try Content.load([1], in: connection)[1])
            return Forecast(record, content, to: Destination(of: record, queue: nil), at: now)
        }
        #expect(forecast.code == given.code)
        if let now = given.now { #expect(forecast.reason == now) }
        #expect(forecast.destination.routingKey == given.queue)
    }

    @Test("A message that holds several is sent again as it is, and not judged as one of them")
    func bundle() async throws {
        let rig = try await StoreRig()
        let body = "[\n{\"body\":{}},\n{\"body\":{}}\n]"
        var message = DeadLetterSamples.fromService(
            body, id: "m", queue: "refund.results", exchange: "refund.results", routingKey: "pca")
        message.properties.type = "refund.bundle.v1"
        try await rig.arrive([arrival(message)])
        let job = try await rig.job(#"{"key":"k","action":"replay","select":{"ids":["1"]}}"#)
        #expect(job.forecasts[.unchecked] == 1)
        let sent = try #require(try await rig.steps.claim(job, limit: 1).first).message
        #expect(sent.exchange == "" && sent.routingKey == "refund.results")
        #expect(sent.properties.type == "refund.bundle.v1")
        #expect(sent.body == Array(body.utf8))
        #expect(
            sent.properties.headers?["refund-exchange"] == .string(Array("refund.results".utf8)))
    }

    @Test(
        "What no queue took goes to its exchange again, judged by whether one would",
        arguments: [("usage.gateway", "fails"), ("usage.nothing", "fails"), ("order", "fits")])
    func unroutable(key: String, code: String) async throws {
        let rig = try await StoreRig()
        let order = """
            {"orderId":"o-1","version":1,"accountId":"a-1","paidAt":"2026-11-20T03:00:00Z",\
            "currency":"USD","payments":[],"lines":[{"lineId":"1","product":"pca","fee":0,"cash":0}]}
            """
        try await rig.arrive([
            Delivery(
                tag: 1, redelivered: false, exchange: "refund.facts", routingKey: key,
                properties: MessageProperties(), body: Array(order.utf8))
        ])
        let job = try await rig.job(#"{"key":"k","action":"replay","select":{"ids":["1"]}}"#)
        #expect(job.forecasts[try #require(Forecast.Code(rawValue: code))] == 1)
        let sent = try #require(try await rig.steps.claim(job, limit: 1).first).message
        #expect(sent.exchange == "refund.facts" && sent.routingKey == key)
        #expect(sent.properties.headers?.entries.map(\.key) == ["refund-replay"])
    }

    @Test(
        "A job keeps its rate, and does not make up for a long pause",
        arguments: [
            Int64(1), 7, 100, 3_000, 10_000,
        ])
    func pace(rate: Int64) {
        let start = ContinuousClock.now
        var pace = Pace(rate: rate, at: start)
        var (now, sent): (ContinuousClock.Instant, Int64) = (start, 0)
        while now < start + .seconds(10) {
            let allowed = pace.allowance(at: now)
            #expect(allowed <= Pace.maximumBurst)
            pace.note(sent: Int(allowed))
            sent += allowed
            now += allowed > 0 ? .milliseconds(10) : pace.pause(at: now)
        }
        #expect((rate * 9...rate * 11 + 1).contains(sent), "\(sent) in 10 s")
        let later = pace.allowance(at: now + .seconds(1_000))
        #expect(later <= rate + 1)
    }
}
