internal import CRabbitMQ
internal import Glibc

/// librabbitmq's decoded structs as Swift values; nothing keeps a pointer into its buffers.
struct Decoder {
    let maxTableDepth: Int
    // A consumer sees the same few names in almost every message: comparing is cheaper than making.
    private var exchanges = LastText()
    private var routingKeys = LastText()
    private var contentTypes = LastText()
    private var types = LastText()
    private var applications = LastText()

    init(maxTableDepth: Int) { self.maxTableDepth = maxTableDepth }

    /// - Returns: nil for frames that carry nothing (heartbeats).
    mutating func frame(_ frame: inout amqp_frame_t) throws(AMQPError) -> InboundFrame? {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD:
            return .method(try method(frame.payload.method))
        case AMQP_FRAME_HEADER:
            guard let decoded = frame.payload.properties.decoded,
                Int32(frame.payload.properties.class_id) == AMQP_BASIC_CLASS
            else { throw AMQPError(.protocolViolation, "the broker sent a header of no message") }
            // A frame too short for a header: librabbitmq has read past its end, where
            // CVE-2026-44235 is not mended.
            guard frame.payload.properties.raw.len <= Int(Wire.frameBytes) else {
                throw AMQPError(.protocolViolation, "the broker sent a header that is cut short")
            }
            let raw = decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee
            let (properties, isComplete) = properties(raw)
            return .header(
                ContentHeader(
                    properties: properties, isComplete: isComplete,
                    bodySize: frame.payload.properties.body_size,
                    rawHeaders: isComplete ? nil : Self.encoded(raw.headers)))
        case AMQP_FRAME_BODY:
            return .body(bytes(frame.payload.body_fragment))
        default:
            return nil
        }
    }

    private mutating func method(_ method: amqp_method_t) throws(AMQPError) -> InboundMethod {
        guard let decoded = method.decoded else {
            throw AMQPError(.protocolViolation, "librabbitmq gave a method without its fields")
        }
        switch method.id {
        case AMQP_BASIC_DELIVER_METHOD:
            let it = decoded.assumingMemoryBound(to: amqp_basic_deliver_t.self).pointee
            return .deliver(
                .init(
                    tag: it.delivery_tag, redelivered: it.redelivered != 0,
                    exchange: exchanges.text(it.exchange),
                    routingKey: routingKeys.text(it.routing_key)))
        case AMQP_BASIC_ACK_METHOD:
            let it = decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
            return .ack(tag: it.delivery_tag, multiple: it.multiple != 0)
        case AMQP_BASIC_NACK_METHOD:
            let it = decoded.assumingMemoryBound(to: amqp_basic_nack_t.self).pointee
            return .nack(tag: it.delivery_tag, multiple: it.multiple != 0)
        case AMQP_BASIC_RETURN_METHOD:
            let it = decoded.assumingMemoryBound(to: amqp_basic_return_t.self).pointee
            return .returned(
                .init(
                    code: it.reply_code, text: text(it.reply_text), exchange: text(it.exchange),
                    routingKey: text(it.routing_key)))
        default:
            return Self.rareMethod(method.id, decoded)
        }
    }

    private static func rareMethod(
        _ id: amqp_method_number_t, _ decoded: UnsafeMutableRawPointer
    ) -> InboundMethod {
        switch id {
        case AMQP_CONNECTION_CLOSE_METHOD:
            let it = decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            return .connectionClose(
                CloseReason(
                    replyCode: it.reply_code, text: String(it.reply_text),
                    method: methodName(it.class_id, it.method_id)))
        case AMQP_CHANNEL_CLOSE_METHOD:
            let it = decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
            return .channelClose(
                CloseReason(
                    replyCode: it.reply_code, text: String(it.reply_text),
                    method: methodName(it.class_id, it.method_id)))
        case AMQP_CONNECTION_BLOCKED_METHOD:
            let it = decoded.assumingMemoryBound(to: amqp_connection_blocked_t.self).pointee
            return .blocked(reason: String(it.reason))
        case AMQP_QUEUE_DECLARE_OK_METHOD:
            let it = decoded.assumingMemoryBound(to: amqp_queue_declare_ok_t.self).pointee
            return .queueDeclareOK(
                queue: String(it.queue), messages: it.message_count, consumers: it.consumer_count)
        case AMQP_QUEUE_DELETE_OK_METHOD:
            let it = decoded.assumingMemoryBound(to: amqp_queue_delete_ok_t.self).pointee
            return .counted(messages: it.message_count)
        case AMQP_QUEUE_PURGE_OK_METHOD:
            let it = decoded.assumingMemoryBound(to: amqp_queue_purge_ok_t.self).pointee
            return .counted(messages: it.message_count)
        case AMQP_BASIC_CANCEL_METHOD:
            let it = decoded.assumingMemoryBound(to: amqp_basic_cancel_t.self).pointee
            return .cancel(consumerTag: String(it.consumer_tag))
        case AMQP_CONNECTION_UNBLOCKED_METHOD: return .unblocked
        case AMQP_CHANNEL_OPEN_OK_METHOD: return .channelOpenOK
        case AMQP_CHANNEL_CLOSE_OK_METHOD: return .channelCloseOK
        case AMQP_CONFIRM_SELECT_OK_METHOD: return .confirmSelectOK
        case AMQP_BASIC_QOS_OK_METHOD: return .qosOK
        case AMQP_BASIC_CONSUME_OK_METHOD: return .consumeOK
        case AMQP_BASIC_CANCEL_OK_METHOD: return .cancelOK
        case AMQP_EXCHANGE_DECLARE_OK_METHOD, AMQP_EXCHANGE_DELETE_OK_METHOD,
            AMQP_EXCHANGE_BIND_OK_METHOD, AMQP_QUEUE_BIND_OK_METHOD, AMQP_QUEUE_UNBIND_OK_METHOD:
            return .done
        default:
            return .unexpected(
                methodName(UInt16(id >> 16), UInt16(truncatingIfNeeded: id)) ?? "\(id)")
        }
    }

    /// "queue.declare" for class 50, method 10; nil for none, or one that librabbitmq lacks.
    private static func methodName(_ group: UInt16, _ method: UInt16) -> String? {
        guard let name = amqp_method_name(UInt32(group) << 16 | UInt32(method)) else { return nil }
        // librabbitmq's names are those of its constants: AMQP_QUEUE_DECLARE_METHOD.
        let words = String(cString: name).lowercased().split(separator: "_").dropFirst().dropLast()
        guard let group = words.first else { return nil }
        return "\(group).\(words.dropFirst().joined(separator: "-"))"
    }

    private mutating func properties(_ raw: amqp_basic_properties_t)
        -> (MessageProperties, isComplete: Bool)
    {
        var properties = MessageProperties.blank
        let isComplete = read(raw, into: &properties.fields)
        return (properties, isComplete)
    }

    private mutating func read(
        _ raw: amqp_basic_properties_t, into properties: inout MessageProperties.Fields
    ) -> Bool {
        var isComplete = true
        func has(_ flag: Int32) -> Bool { raw._flags & amqp_flags_t(flag) != 0 }
        if has(AMQP_BASIC_CONTENT_TYPE_FLAG) {
            properties.contentType = contentTypes.text(raw.content_type)
        }
        if has(AMQP_BASIC_TYPE_FLAG) { properties.type = types.text(raw.type) }
        if has(AMQP_BASIC_APP_ID_FLAG) { properties.appID = applications.text(raw.app_id) }
        if has(AMQP_BASIC_MESSAGE_ID_FLAG) { properties.messageID = text(raw.message_id) }
        if has(AMQP_BASIC_CORRELATION_ID_FLAG) {
            properties.correlationID = text(raw.correlation_id)
        }
        if has(AMQP_BASIC_DELIVERY_MODE_FLAG) { properties.deliveryMode = raw.delivery_mode }
        if has(AMQP_BASIC_TIMESTAMP_FLAG) { properties.timestamp = raw.timestamp }
        if has(AMQP_BASIC_PRIORITY_FLAG) { properties.priority = raw.priority }
        if has(AMQP_BASIC_CONTENT_ENCODING_FLAG) {
            properties.contentEncoding = text(raw.content_encoding)
        }
        if has(AMQP_BASIC_REPLY_TO_FLAG) { properties.replyTo = text(raw.reply_to) }
        if has(AMQP_BASIC_EXPIRATION_FLAG) { properties.expiration = text(raw.expiration) }
        if has(AMQP_BASIC_USER_ID_FLAG) { properties.userID = text(raw.user_id) }
        if has(AMQP_BASIC_CLUSTER_ID_FLAG) { properties.clusterID = text(raw.cluster_id) }
        if has(AMQP_BASIC_HEADERS_FLAG) {
            properties.headers = table(raw.headers, depth: 1)
            isComplete = properties.headers != nil
        }
        return isComplete
    }

    /// Nil where it is nested too deep: a deep enum would overflow the small stack of whatever
    /// thread frees it.
    private func table(_ raw: amqp_table_t, depth: Int) -> FieldTable? {
        guard depth <= maxTableDepth else { return nil }
        var table = FieldTable()
        table.entries.reserveCapacity(Int(raw.num_entries))
        for entry in UnsafeBufferPointer(start: raw.entries, count: Int(raw.num_entries)) {
            guard let value = value(entry.value, depth: depth) else { return nil }
            table.entries.append((text(entry.key), value))
        }
        return table
    }

    /// The bytes of a table that is not converted. Recursive in librabbitmq, as its decoding was: for
    /// the owner thread's large stack.
    private static func encoded(_ table: amqp_table_t) -> [UInt8]? {
        var table = table
        // It came in one frame.
        var bytes = [UInt8](repeating: 0, count: Int(Wire.frameBytes))
        var end = 0
        let status = bytes.withUnsafeMutableBytes { buffer in
            amqp_encode_table(
                amqp_bytes_t(len: buffer.count, bytes: buffer.baseAddress), &table, &end)
        }
        let lengthBytes = 4
        return status == 0 ? Array(bytes[lengthBytes..<max(end, lengthBytes)]) : nil
    }

    private func array(_ raw: amqp_array_t, depth: Int) -> [FieldValue]? {
        guard depth <= maxTableDepth else { return nil }
        var values: [FieldValue] = []
        values.reserveCapacity(Int(raw.num_entries))
        for entry in UnsafeBufferPointer(start: raw.entries, count: Int(raw.num_entries)) {
            guard let value = value(entry, depth: depth) else { return nil }
            values.append(value)
        }
        return values
    }

    private func value(_ raw: amqp_field_value_t, depth: Int) -> FieldValue? {
        switch amqp_field_value_kind_t(UInt32(raw.kind)) {
        case AMQP_FIELD_KIND_BOOLEAN: .bool(raw.value.boolean != 0)
        case AMQP_FIELD_KIND_I8: .int8(raw.value.i8)
        case AMQP_FIELD_KIND_U8: .uint8(raw.value.u8)
        case AMQP_FIELD_KIND_I16: .int16(raw.value.i16)
        case AMQP_FIELD_KIND_U16: .uint16(raw.value.u16)
        case AMQP_FIELD_KIND_I32: .int32(raw.value.i32)
        case AMQP_FIELD_KIND_U32: .uint32(raw.value.u32)
        case AMQP_FIELD_KIND_I64: .int64(raw.value.i64)
        // RabbitMQ's `L` is signed too (its errata to AMQP 0-9-1 §4.2.1).
        case AMQP_FIELD_KIND_U64: .int64(Int64(bitPattern: raw.value.u64))
        case AMQP_FIELD_KIND_F32: .float(raw.value.f32)
        case AMQP_FIELD_KIND_F64: .double(raw.value.f64)
        case AMQP_FIELD_KIND_DECIMAL:
            .decimal(
                scale: raw.value.decimal.decimals,
                value: Int32(bitPattern: raw.value.decimal.value))
        case AMQP_FIELD_KIND_UTF8: .string(bytes(raw.value.bytes))
        case AMQP_FIELD_KIND_BYTES: .bytes(bytes(raw.value.bytes))
        case AMQP_FIELD_KIND_TIMESTAMP: .timestamp(raw.value.u64)
        case AMQP_FIELD_KIND_TABLE: table(raw.value.table, depth: depth + 1).map { .table($0) }
        case AMQP_FIELD_KIND_ARRAY: array(raw.value.array, depth: depth + 1).map { .array($0) }
        default: .void
        }
    }

    private func text(_ raw: amqp_bytes_t) -> String { String(text: raw) }

    private func bytes(_ raw: amqp_bytes_t) -> [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: raw.bytes, count: raw.len))
    }
}

/// The last value of a field, given again while the bytes stay the same.
private struct LastText {
    /// Then it is made anew: this thread counts references to it up while consumers count them down,
    /// and one count that two cores write all the time costs more than a new string.
    private static let mostUses = 64

    private var last = ""
    private var uses = 0

    mutating func text(_ raw: amqp_bytes_t) -> String {
        uses += 1
        if uses > Self.mostUses || !isLast(raw) { (last, uses) = (String(text: raw), 1) }
        return last
    }

    private func isLast(_ raw: amqp_bytes_t) -> Bool {
        last.utf8.withContiguousStorageIfAvailable { known in
            guard known.count == raw.len, let address = known.baseAddress else { return false }
            return memcmp(address, raw.bytes, raw.len) == 0
        } ?? false
    }
}

extension String {
    /// Copies; a byte that is no UTF-8 becomes a character of its own, see ``amqpBytes``.
    fileprivate init(text raw: amqp_bytes_t) {
        self.init(lossless: UnsafeRawBufferPointer(start: raw.bytes, count: raw.len))
    }

    /// Copies; what is not UTF-8 becomes U+FFFD.
    init(_ raw: amqp_bytes_t) {
        self = String(
            decoding: UnsafeRawBufferPointer(start: raw.bytes, count: raw.len), as: UTF8.self)
    }
}
