import AMQP
import RefundMessages

extension Topology {
    func declare(_ exchange: Definitions.Exchange) async throws(AMQPError) {
        try await declare(
            ExchangeDeclaration(
                name: exchange.name, type: exchange.type, arguments: exchange.arguments))
    }

    func declare(_ queue: Definitions.Queue) async throws(AMQPError) {
        try await declare(QueueDeclaration(name: queue.name, arguments: queue.arguments))
    }

    func bind(_ binding: Definitions.Binding) async throws(AMQPError) {
        try await bind(
            queue: binding.queue,
            to: Binding(exchange: binding.source, routingKey: binding.routingKey))
    }

    /// What is otherwise than described; nil where nothing is. A passive declaration compares no
    /// arguments, so what is there is declared once more as described: that changes nothing, and
    /// the broker names the argument that differs.
    func difference(_ exchange: Definitions.Exchange) async throws(AMQPError) -> String? {
        do {
            try await checkExchange(exchange.name)
            try await declare(exchange)
            return nil
        } catch  where error.code == .notFound {
            return "exchange \(exchange.name) is missing"
        } catch  where error.code == .preconditionFailed {
            return error.message
        }
    }

    /// The same for a queue.
    func difference(_ queue: Definitions.Queue) async throws(AMQPError) -> String? {
        do {
            _ = try await checkQueue(queue.name)
            try await declare(queue)
            return nil
        } catch  where error.code == .notFound {
            return "queue \(queue.name) is missing"
        } catch  where error.code == .preconditionFailed {
            return error.message
        }
    }

    /// Messages ready and consumers; nil where there is no such queue.
    func status(of queue: String) async throws(AMQPError) -> QueueStatus? {
        do {
            return try await checkQueue(queue)
        } catch  where error.code == .notFound {
            return nil
        }
    }
}
