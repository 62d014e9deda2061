import AMQP
import RefundMessages
import RefundService
import WorkerRuntime

/// What a replay of a dead letter would meet: its message judged by today's code. Pure.
struct Forecast: Sendable, Equatable {
    enum Code: String, CaseIterable, Sendable {
        /// Today's code accepts the message.
        case fits
        /// It would be refused.
        case fails
        /// It is well formed; what it was refused for depends on what is stored elsewhere.
        case depends
        /// Nothing is known here of what is accepted there.
        case unchecked
    }

    var code: Code
    var destination: Destination
    var reason: String?
    var path: String?
    var detail: String?

    /// Reasons that another day may mend.
    private static let passing: Set<String> = Set(
        [
            DeadLetterReason.unknownLine, .requestConflict, .conflictsWithRefund, .notInReview,
            .amountTooHigh, .retriesExhausted, .deliveryLimit, .expired, .overflow,
        ].map(\.rawValue))

    /// - Parameter body: the edited one, where there is one.
    init(
        _ record: Record, _ content: Content, to destination: Destination, body: [UInt8]? = nil,
        at now: Instant
    ) {
        self.destination = destination
        code = .unchecked
        do throws(MessageFault) {
            guard content.headersAreReadable || body != nil else {
                throw MessageFault(
                    .tooDeep,
                    "Its headers are nested too deep to be sent again; an edit leaves them.")
            }
            guard let queue = try Self.queue(destination) else { return }
            guard let acceptance = Acceptance(queue: queue, at: now) else {
                detail = "What the queue accepts is not known here."
                return
            }
            let properties = StoredProperties.properties(content.properties)
            guard properties.type != RuntimeNames().bundleType else {
                detail = "It holds several messages, each of which is judged when it is handled."
                return
            }
            try MessageEnvelope.check(
                type: properties.type, contentType: properties.contentType,
                contentEncoding: properties.contentEncoding, expecting: acceptance.type)
            try acceptance.read(body ?? content.body)
            try Self.checkSender(body ?? content.body, record, queue)
            let isPassing = Self.passing.contains(record.reason)
            code = isPassing ? .depends : .fits
            if isPassing {
                reason = record.reason
                detail = "It is well formed; whether it is refused again depends on what is stored."
            }
        } catch {
            code = .fails
            (reason, path, detail) = (error.reason.rawValue, error.path, error.detail)
        }
    }

    /// The queue whose code judges it; nil where that is not known.
    private static func queue(_ destination: Destination) throws(MessageFault) -> String? {
        if let queue = destination.queue { return queue }
        guard
            let queue = Acceptance.queue(
                exchange: destination.exchange, routingKey: destination.routingKey)
        else {
            throw MessageFault(
                .unroutable, "Still no queue is known for this exchange and routing key.")
        }
        return queue
    }

    /// A result is its product's only under the product's routing key, which a replay keeps.
    private static func checkSender(
        _ body: [UInt8], _ record: Record, _ queue: String
    ) throws(MessageFault) {
        guard queue == "refund.results" else { return }
        guard try RefundResult.decode(body).product.rawValue == record.routingKey else {
            throw MessageFault(
                .notAuthorised, path: "/product",
                "The result is for a product that its sender does not speak for.")
        }
    }
}

extension Acceptance {
    /// How far ahead of the clock a request may be (the message contract), and how old by default.
    private static let aheadSeconds: Int64 = 300
    private static let oldestSeconds: Int64 = 30 * 86_400

    static func check(_ request: RefundRequest, at now: Instant) throws(MessageFault) {
        guard request.requestedAt <= now.advanced(bySeconds: aheadSeconds) else {
            throw MessageFault(
                .requestedAtInFuture, path: "/requestedAt", "The request is ahead of the clock.")
        }
        guard request.requestedAt >= now.advanced(bySeconds: -oldestSeconds) else {
            throw MessageFault(
                .requestedAtTooOld, path: "/requestedAt", "The request is more than 30 days old.")
        }
    }
}
