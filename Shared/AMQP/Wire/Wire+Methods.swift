internal import CRabbitMQ

/// The requests of this client; their answers come as frames.
extension Wire {
    /// Names the one consumer of a channel.
    private static let consumerTag = "consumer"

    mutating func openChannel(_ channel: UInt16) throws(AMQPError) {
        try send(AMQP_CHANNEL_OPEN_METHOD, channel: channel, amqp_channel_open_t())
    }

    mutating func closeChannel(_ channel: UInt16) throws(AMQPError) {
        try send(AMQP_CHANNEL_CLOSE_METHOD, channel: channel, amqp_channel_close_t()) {
            fields, _ in fields.reply_code = UInt16(AMQP_REPLY_SUCCESS)
        }
    }

    mutating func confirmChannelClose(_ channel: UInt16) throws(AMQPError) {
        try send(AMQP_CHANNEL_CLOSE_OK_METHOD, channel: channel, amqp_channel_close_ok_t())
    }

    mutating func confirmConnectionClose() throws(AMQPError) {
        try send(AMQP_CONNECTION_CLOSE_OK_METHOD, channel: 0, amqp_connection_close_ok_t())
    }

    mutating func selectConfirms(_ channel: UInt16) throws(AMQPError) {
        try send(AMQP_CONFIRM_SELECT_METHOD, channel: channel, amqp_confirm_select_t())
    }

    /// Per consumer of the channel (`global: false`; RabbitMQ's reading of it).
    mutating func limit(_ channel: UInt16, prefetch: UInt16) throws(AMQPError) {
        try send(AMQP_BASIC_QOS_METHOD, channel: channel, amqp_basic_qos_t()) { fields, _ in
            fields.prefetch_count = prefetch
        }
    }

    mutating func consume(_ channel: UInt16, queue: String) throws(AMQPError) {
        try send(AMQP_BASIC_CONSUME_METHOD, channel: channel, amqp_basic_consume_t()) {
            fields, arena in
            fields.queue = arena.bytes(queue)
            fields.consumer_tag = arena.bytes(Self.consumerTag)
        }
    }

    mutating func stopConsuming(_ channel: UInt16) throws(AMQPError) {
        try send(AMQP_BASIC_CANCEL_METHOD, channel: channel, amqp_basic_cancel_t()) {
            fields, arena in fields.consumer_tag = arena.bytes(Self.consumerTag)
        }
    }

    mutating func request(_ request: TopologyRequest, channel: UInt16) throws(AMQPError) {
        switch request {
        case .declareExchange(let exchange, let passive):
            try declare(exchange, passive: passive, channel)
        case .declareQueue(let queue, let passive): try declare(queue, passive: passive, channel)
        case .deleteExchange(let name):
            try send(AMQP_EXCHANGE_DELETE_METHOD, channel: channel, amqp_exchange_delete_t()) {
                fields, arena in fields.exchange = arena.bytes(name)
            }
        case .bindExchange(let destination, let binding, let arguments):
            try send(AMQP_EXCHANGE_BIND_METHOD, channel: channel, amqp_exchange_bind_t()) {
                fields, arena in
                fields.destination = arena.bytes(destination)
                fields.source = arena.bytes(binding.exchange)
                fields.routing_key = arena.bytes(binding.routingKey)
                fields.arguments = arena.table(arguments)
            }
        case .bindQueue(let queue, let binding, let arguments):
            try send(AMQP_QUEUE_BIND_METHOD, channel: channel, amqp_queue_bind_t()) {
                fields, arena in
                fields.queue = arena.bytes(queue)
                fields.exchange = arena.bytes(binding.exchange)
                fields.routing_key = arena.bytes(binding.routingKey)
                fields.arguments = arena.table(arguments)
            }
        case .unbindQueue(let queue, let binding, let arguments):
            try send(AMQP_QUEUE_UNBIND_METHOD, channel: channel, amqp_queue_unbind_t()) {
                fields, arena in
                fields.queue = arena.bytes(queue)
                fields.exchange = arena.bytes(binding.exchange)
                fields.routing_key = arena.bytes(binding.routingKey)
                fields.arguments = arena.table(arguments)
            }
        case .deleteQueue(let name):
            try send(AMQP_QUEUE_DELETE_METHOD, channel: channel, amqp_queue_delete_t()) {
                fields, arena in fields.queue = arena.bytes(name)
            }
        case .purgeQueue(let name):
            try send(AMQP_QUEUE_PURGE_METHOD, channel: channel, amqp_queue_purge_t()) {
                fields, arena in fields.queue = arena.bytes(name)
            }
        }
    }

    private mutating func declare(
        _ exchange: ExchangeDeclaration, passive: Bool, _ channel: UInt16
    ) throws(AMQPError) {
        try send(AMQP_EXCHANGE_DECLARE_METHOD, channel: channel, amqp_exchange_declare_t()) {
            fields, arena in
            fields.exchange = arena.bytes(exchange.name)
            fields.type = arena.bytes(exchange.type)
            fields.passive = passive ? 1 : 0
            fields.durable = exchange.isDurable ? 1 : 0
            fields.auto_delete = exchange.isAutoDeleted ? 1 : 0
            fields.`internal` = exchange.isInternal ? 1 : 0
            fields.arguments = arena.table(exchange.arguments)
        }
    }

    private mutating func declare(
        _ queue: QueueDeclaration, passive: Bool, _ channel: UInt16
    ) throws(AMQPError) {
        try send(AMQP_QUEUE_DECLARE_METHOD, channel: channel, amqp_queue_declare_t()) {
            fields, arena in
            fields.queue = arena.bytes(queue.name)
            fields.passive = passive ? 1 : 0
            fields.durable = queue.isDurable ? 1 : 0
            fields.exclusive = queue.isExclusive ? 1 : 0
            fields.auto_delete = queue.isAutoDeleted ? 1 : 0
            fields.arguments = arena.table(queue.arguments)
        }
    }
}
