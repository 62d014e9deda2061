import AMQP
import InMemoryTracing
import Telemetry
import TestSupport
import Testing
import Tracing

/// Each test has a tracer of its own, in force for its task only: nothing global is bootstrapped.
@Suite("Tracing through headers", .timeLimit(.minutes(10)))
struct TracingTests {
    private func message(_ queue: String, _ headers: FieldTable? = nil) -> OutgoingMessage {
        var message = OutgoingMessage(exchange: "", routingKey: queue, body: [1])
        message.properties.headers = headers
        return message
    }

    private func first(_ broker: Broker, _ queue: String) async throws -> DeliveryBatch {
        let consumer = broker.consumer(queue: queue, prefetch: 10, maxBatch: 10)
        let batch = try #require(await consumer.makeAsyncIterator().next())
        await batch.ack(batch.deliveries)
        return batch
    }

    @Test("a message goes on in the trace of its publisher, over the broker")
    func oneTrace() async throws {
        let node = try await PrivateBroker.shared()
        let tracer = InMemoryTracer()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue()
            try await withTracer(tracer) {
                _ = try await tracer.withSpan("outer") { _ in
                    try await broker.publisher.publish([message(queue)])
                }
                let batch = try await first(broker, queue)
                #expect(!batch.deliveries[0].serviceContext.isEmpty)
                await batch.withSpan { #expect(ServiceContext.current != nil) }
            }
            let spans = tracer.finishedSpans
            #expect(
                spans.map(\.operationName) == ["publish \(queue)", "outer", "process \(queue)"])
            #expect(spans.map(\.kind) == [.producer, .internal, .consumer])
            #expect(Set(spans.map(\.traceID)).count == 1)
            #expect(spans[0].parentSpanID == spans[1].spanID)
            #expect(spans[2].parentSpanID == spans[0].spanID)
            #expect(spans[2].links.count == 1)
            #expect(
                spans[0].attributes["messaging.system"]?.toSpanAttribute() == .string("rabbitmq"))
            #expect(
                spans[0].attributes["messaging.operation.type"]?.toSpanAttribute()
                    == .string("send"))
            #expect(
                spans[2].attributes["messaging.destination.name"]?.toSpanAttribute()
                    == .string(queue))
        }
    }

    @Test("a W3C instrument and the services' own traceparent go on in each other's traces")
    func services() async throws {
        let node = try await PrivateBroker.shared()
        let tracer = W3CTracer()
        try await withBroker(node.url) { broker in
            let (requests, answers) = (try await broker.makeQueue(), try await broker.makeQueue())
            try await withTracer(tracer) {
                _ = try await broker.publisher.publish([message(requests)])
            }
            // A service: no instrument, its own header, one step on.
            let request = try await first(broker, requests).deliveries[0]
            guard case .string(let bytes)? = request.properties.headers?[W3CTracer.header] else {
                Issue.record("there is no traceparent")
                return
            }
            let trace = try #require(TraceContext(traceparent: bytes)).child()
            let answer = message(
                answers, FieldTable([(W3CTracer.header, .string(trace.traceparentBytes))]))
            try await withTracer(tracer) {
                _ = try await broker.publisher.publish([answer])
                let batch = try await first(broker, answers)
                #expect(batch.deliveries[0].properties.headers == answer.properties.headers)
                await batch.withSpan {}
            }
            let spans = tracer.base.finishedSpans
            #expect(spans.map(\.kind) == [.producer, .client, .consumer])
            #expect(spans[0].traceID == trace.traceIDText)
            #expect(spans[1].links.count == 1, "the answer is linked to, not taken over")
            #expect(spans[2].traceID == trace.traceIDText)
        }
    }

    @Test("what the caller said of its trace stays: a traceparent, and any other header")
    func explicitTrace() async throws {
        let node = try await PrivateBroker.shared()
        let tracer = InMemoryTracer()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue()
            let own = FieldTable([("traceparent", .text("00-explicit")), ("n", .int32(1))])
            let other = FieldTable([(InMemoryTracer.traceIDKey, .text("mine"))])
            try await withTracer(tracer) {
                _ = try await broker.publisher.publish([message(queue, own), message(queue, other)])
            }
            var received: [FieldTable] = []
            for await batch in broker.consumer(queue: queue, prefetch: 9, maxBatch: 9) {
                received += batch.deliveries.compactMap(\.properties.headers)
                await batch.ack(batch.deliveries)
                if received.count == 2 { break }
            }
            #expect(received[0] == own)
            #expect(received[1][InMemoryTracer.traceIDKey] == .text("mine"))
            #expect(received[1][InMemoryTracer.spanIDKey] != nil)
            let span = try #require(tracer.finishedSpans.first)
            #expect(span.links.count == 1, "to the one in a trace of its own")
            #expect(
                span.attributes["messaging.batch.message_count"]?.toSpanAttribute() == .int64(2))
        }
    }

    @Test("a batch of several traces is handled in a span that links to each")
    func batchLinks() async throws {
        let node = try await PrivateBroker.shared()
        let tracer = InMemoryTracer()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue()
            try await withTracer(tracer) {
                for _ in 0..<3 { _ = try await broker.publisher.publish([message(queue)]) }
                var linked: Set<String> = []
                while linked.count < 3 {
                    let batch = try await first(broker, queue)
                    await batch.withSpan {}
                    let span = try #require(tracer.finishedSpans.last)
                    #expect(span.links.count == batch.deliveries.count)
                    linked.formUnion(
                        span.links.compactMap { $0.context.inMemorySpanContext?.traceID })
                }
                let published = tracer.finishedSpans.filter { $0.kind == .producer }.map(\.traceID)
                #expect(linked == Set(published))
            }
        }
    }

    @Test("what was not confirmed, and what failed, is an error of the span")
    func failures() async throws {
        let node = try await PrivateBroker.shared()
        let tracer = InMemoryTracer()
        try await withBroker(node.url) { broker in
            await withTracer(tracer) {
                _ = try? await broker.publisher.publish([message("nowhere")])
                _ = try? await broker.publisher.publish([
                    OutgoingMessage(exchange: "no-such-exchange", routingKey: "k", body: [])
                ])
            }
        }
        let types = tracer.finishedSpans.map { $0.attributes["error.type"]?.toSpanAttribute() }
        #expect(types == [.string("returned"), .string("notFound")])
        #expect(tracer.finishedSpans.allSatisfy { $0.status?.code == .error })
        #expect(tracer.activeSpans.isEmpty)
    }

    @Test("without an instrument nothing is added, and a batch is just handled")
    func none() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue()
            _ = try await broker.publisher.publish([message(queue)])
            let batch = try await first(broker, queue)
            #expect(batch.deliveries[0].properties.headers == nil)
            #expect(batch.deliveries[0].serviceContext.isEmpty)
            #expect(await batch.withSpan { ServiceContext.current == nil })
        }
    }
}
