/// The particulars of a refusal, out of RabbitMQ's reply text. It is the only place that has them,
/// and it is cut at 255 bytes: what is cut off is nil.
extension CloseReason {
    /// As in `no queue 'q' in vhost '/'` and `inequivalent arg 'type' for exchange 'e' in vhost '/'`.
    var entity: AMQPEntity? {
        if let name = text.between("queue '", and: "' in vhost '") { return .queue(name) }
        return text.between("exchange '", and: "' in vhost '").map { .exchange($0) }
    }

    /// As in `inequivalent arg 'x-max-length' for` and `invalid property 'non-durable' for`.
    var argument: String? {
        text.between(" arg '", and: "'") ?? text.between(" property '", and: "'")
    }
}

extension String {
    fileprivate func between(_ start: String, and end: String) -> String? {
        guard let start = firstRange(of: start),
            let end = self[start.upperBound...].firstRange(of: end)
        else { return nil }
        return String(self[start.upperBound..<end.lowerBound])
    }
}

extension TopologyRequest {
    /// The refusal of this request: what it is about, and what to do.
    func refused(_ reason: CloseReason) -> AMQPError {
        let error = reason.error(subject)
        return AMQPError(
            error.code, error.message + advice(error), replyCode: error.replyCode,
            method: error.method, entity: error.entity ?? entity, argument: error.argument)
    }

    private func advice(_ error: AMQPError) -> String {
        switch error.code {
        case .accessRefused: "; give the user the permission that it lacks on this name"
        case .notFound: "; declare it first"
        case .resourceLocked: "; it is exclusive to another connection: wait for its end"
        case .preconditionFailed where error.argument != nil:
            "; declare it as it is, or delete it first: nothing of it can be changed"
        default: ""
        }
    }

    private var entity: AMQPEntity {
        switch self {
        case .declareExchange(let exchange, _): .exchange(exchange.name)
        case .deleteExchange(let name), .bindExchange(let name, _, _): .exchange(name)
        case .declareQueue(let queue, _): .queue(queue.name)
        case .bindQueue(let name, _, _), .unbindQueue(let name, _, _), .deleteQueue(let name),
            .purgeQueue(let name):
            .queue(name)
        }
    }
}
