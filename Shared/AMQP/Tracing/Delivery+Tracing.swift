public import Tracing

extension Delivery {
    /// The context under which it was published, read from its headers by the instrument that is in
    /// force (`InstrumentationSystem`); top level where there is no instrument or no trace.
    public var serviceContext: ServiceContext { properties.serviceContext }
}

extension DeliveryBatch {
    /// Handles the batch in a span of kind consumer (OpenTelemetry's "Process" span), which is the
    /// current one in `body`. It links to the context of each message, at most 128, and a batch of
    /// one message goes on in that message's trace. Without an instrument it only calls `body`.
    public func withSpan<Result>(
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        guard isTracing else { return try await body() }
        let destination = Destination(deliveries, queue: state.queueName)
        let contexts = deliveries.prefix(PublishSpan.mostLinks).map(\.serviceContext)
        let isSingle = contexts.count == 1 && !contexts[0].isEmpty
        let parent = isSingle ? contexts[0] : ServiceContext.current ?? .topLevel
        return try await InstrumentationSystem.tracer.withSpan(
            "process \(destination.name)", context: parent, ofKind: .consumer
        ) { span in
            var attributes = destination.attributes
            attributes["messaging.operation.name"] = "process"
            attributes["messaging.operation.type"] = "process"
            if deliveries.count == 1 {
                attributes.describe(
                    deliveries[0].properties, bodyBytes: deliveries[0].body.count)
            } else {
                attributes["messaging.batch.message_count"] = deliveries.count
            }
            span.attributes.merge(attributes)
            for context in contexts where !context.isEmpty {
                span.addLink(SpanLink(context: context, attributes: [:]))
            }
            return try await body()
        }
    }
}

extension ConsumerState {
    /// Nil for a temporary queue: its name is the broker's and says nothing.
    var queueName: String? {
        if case .queue(let name) = source { name } else { nil }
    }
}
