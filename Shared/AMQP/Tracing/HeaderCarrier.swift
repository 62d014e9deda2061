internal import Tracing

/// Writes what an instrument propagates into the headers of a message, as W3C Trace Context over
/// AMQP has it: long strings under the keys' own names. What the caller put there stays.
struct HeaderInjector: Injector {
    func inject(_ value: String, forKey key: String, into headers: inout FieldTable) {
        guard headers[key] == nil else { return }
        headers.entries.append((key, .string(Array(value.utf8))))
    }
}

/// Reads it from the headers of a delivery.
struct HeaderExtractor: Extractor {
    func extract(key: String, from headers: FieldTable) -> String? {
        guard case .string(let bytes)? = headers[key] else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension MessageProperties {
    /// The header of W3C Trace Context. Where a message has it the caller has said which trace it
    /// belongs to, and nothing of another one is added.
    static let traceHeader = "traceparent"

    var hasTrace: Bool { headers?[Self.traceHeader] != nil }

    /// The context that the headers carry, as the instrument reads it; top level without any.
    var serviceContext: ServiceContext {
        var context = ServiceContext.topLevel
        if let headers {
            InstrumentationSystem.instrument.extract(
                headers, into: &context, using: HeaderExtractor())
        }
        return context
    }
}

/// Whether anything traces. Without it nothing is copied, read or written for tracing.
var isTracing: Bool { !(InstrumentationSystem.instrument is NoOpInstrument) }
