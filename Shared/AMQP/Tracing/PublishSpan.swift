internal import Tracing

/// The span of one `publish` (OpenTelemetry's messaging conventions: a "Send" span). Its context is
/// what the messages carry, but for those that the caller put into a trace: to these it links.
struct PublishSpan {
    /// OpenTelemetry's default limit.
    static let mostLinks = 128

    private let span: any Span

    init(_ messages: [OutgoingMessage]) {
        let isCreator = messages.contains { !$0.properties.hasTrace }
        let destination = Destination(messages)
        span = InstrumentationSystem.tracer.startSpan(
            "publish \(destination.name)", ofKind: isCreator ? .producer : .client)
        span.attributes.merge(destination.attributes)
        span.attributes["messaging.operation.name"] = "publish"
        span.attributes["messaging.operation.type"] = "send"
        if messages.count == 1 {
            span.attributes.describe(messages[0].properties, bodyBytes: messages[0].body.count)
        } else {
            span.attributes["messaging.batch.message_count"] = messages.count
        }
        for message in messages.lazy.filter(\.properties.hasTrace).prefix(Self.mostLinks) {
            span.addLink(SpanLink(context: message.properties.serviceContext, attributes: [:]))
        }
    }

    /// The messages with the trace in their headers.
    func injected(_ messages: [OutgoingMessage]) -> [OutgoingMessage] {
        var carried = FieldTable()
        InstrumentationSystem.instrument.inject(
            span.context, into: &carried, using: HeaderInjector())
        guard !carried.entries.isEmpty else { return messages }
        var messages = messages
        for index in messages.indices where !messages[index].properties.hasTrace {
            var headers = messages[index].properties.headers ?? FieldTable()
            let known = Set(headers.entries.map(\.key))
            headers.entries += carried.entries.filter { !known.contains($0.key) }
            messages[index].properties.headers = headers
        }
        return messages
    }

    /// Ends it. What was not confirmed is an error of the span.
    func end(_ outcomes: [PublishOutcome]) {
        if let worst = outcomes.first(where: { $0 != .confirmed }) {
            span.attributes["error.type"] = worst.name
            span.setStatus(SpanStatus(code: .error))
        }
        span.end()
    }

    /// Ends it as failed.
    func end(_ error: AMQPError) {
        span.attributes["error.type"] = "\(error.code)"
        span.recordError(error)
        span.setStatus(SpanStatus(code: .error, message: error.message))
        span.end()
    }
}

extension PublishOutcome {
    fileprivate var name: String {
        switch self {
        case .confirmed: "confirmed"
        case .returned: "returned"
        case .nacked: "nacked"
        case .unconfirmed: "unconfirmed"
        }
    }
}
