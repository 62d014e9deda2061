import InMemoryTracing
import Telemetry
import Tracing

/// A tracer that propagates W3C Trace Context, as OpenTelemetry's do.
struct W3CTracer: Tracer {
    let base = InMemoryTracer(
        idGenerator: InMemoryTracer.IDGenerator(
            nextTraceID: { TraceContext.random().traceIDText },
            nextSpanID: { Self.spanID(of: .random()) }))

    static let header = "traceparent"

    private static func spanID(of trace: TraceContext) -> String {
        String(trace.traceparent.split(separator: "-")[2])
    }

    func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> InMemorySpan {
        base.startSpan(
            operationName, context: context(), ofKind: kind, at: instant(), function: function,
            file: fileID, line: line)
    }

    func forceFlush() {}

    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.inMemorySpanContext else { return }
        injector.inject("00-\(span.traceID)-\(span.spanID)-01", forKey: Self.header, into: &carrier)
    }

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let text = extractor.extract(key: Self.header, from: carrier),
            let trace = TraceContext(traceparent: text)
        else { return }
        context.inMemorySpanContext = InMemorySpanContext(
            traceID: trace.traceIDText, spanID: Self.spanID(of: trace), parentSpanID: nil)
    }
}
