internal import CRabbitMQ

/// Swift values as librabbitmq's structs; the copies live in the arena.
extension Arena {
    mutating func bytes(_ text: String) -> amqp_bytes_t {
        guard !text.mayStandForBytes else { return bytes(text.amqpBytes) }
        let count = text.utf8.count
        guard count > 0 else { return amqp_bytes_t() }
        let room = allocate(count)
        let buffer = UnsafeMutableRawBufferPointer(start: room, count: count)
        _ = buffer.initializeMemory(as: UInt8.self, from: text.utf8)
        return amqp_bytes_t(len: count, bytes: room)
    }

    mutating func bytes(_ array: [UInt8]) -> amqp_bytes_t {
        guard !array.isEmpty else { return amqp_bytes_t() }
        let room = allocate(array.count)
        array.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(start: room, count: source.count).copyMemory(from: source)
        }
        return amqp_bytes_t(len: array.count, bytes: room)
    }

    /// Recursive: the depth was bounded by ``FieldTable/check(subject:depth:)``.
    mutating func table(_ table: FieldTable) -> amqp_table_t {
        let entries = allocate(amqp_table_entry_t.self, count: table.entries.count)
        for (index, entry) in table.entries.enumerated() {
            var field = amqp_table_entry_t()
            field.key = bytes(entry.key)
            field.value = value(entry.value)
            (entries + index).initialize(to: field)
        }
        return amqp_table_t(num_entries: Int32(table.entries.count), entries: entries)
    }

    private mutating func array(_ values: [FieldValue]) -> amqp_array_t {
        let entries = allocate(amqp_field_value_t.self, count: values.count)
        for (index, element) in values.enumerated() {
            (entries + index).initialize(to: value(element))
        }
        return amqp_array_t(num_entries: Int32(values.count), entries: entries)
    }

    private mutating func value(_ value: FieldValue) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        switch value {
        case .void: field.set(AMQP_FIELD_KIND_VOID)
        case .bool(let flag):
            field.set(AMQP_FIELD_KIND_BOOLEAN)
            field.value.boolean = flag ? 1 : 0
        case .int8(let number):
            field.set(AMQP_FIELD_KIND_I8)
            field.value.i8 = number
        case .uint8(let number):
            field.set(AMQP_FIELD_KIND_U8)
            field.value.u8 = number
        case .int16(let number):
            field.set(AMQP_FIELD_KIND_I16)
            field.value.i16 = number
        case .uint16(let number):
            field.set(AMQP_FIELD_KIND_U16)
            field.value.u16 = number
        case .int32(let number):
            field.set(AMQP_FIELD_KIND_I32)
            field.value.i32 = number
        case .uint32(let number):
            field.set(AMQP_FIELD_KIND_U32)
            field.value.u32 = number
        case .int64(let number):
            field.set(AMQP_FIELD_KIND_I64)
            field.value.i64 = number
        case .float(let number):
            field.set(AMQP_FIELD_KIND_F32)
            field.value.f32 = number
        case .double(let number):
            field.set(AMQP_FIELD_KIND_F64)
            field.value.f64 = number
        case .decimal(let scale, let number):
            field.set(AMQP_FIELD_KIND_DECIMAL)
            field.value.decimal = amqp_decimal_t(
                decimals: scale, value: UInt32(bitPattern: number))
        case .string(let text):
            field.set(AMQP_FIELD_KIND_UTF8)
            field.value.bytes = bytes(text)
        case .bytes(let raw):
            field.set(AMQP_FIELD_KIND_BYTES)
            field.value.bytes = bytes(raw)
        case .timestamp(let seconds):
            field.set(AMQP_FIELD_KIND_TIMESTAMP)
            field.value.u64 = seconds
        case .array(let values):
            field.set(AMQP_FIELD_KIND_ARRAY)
            field.value.array = array(values)
        case .table(let nested):
            field.set(AMQP_FIELD_KIND_TABLE)
            field.value.table = table(nested)
        }
        return field
    }

    /// The property flags tell the broker which are there (AMQP 0-9-1 §4.2.6.1).
    mutating func properties(_ properties: MessageProperties) -> amqp_basic_properties_t {
        var result = amqp_basic_properties_t()
        if let headers = properties.headers {
            result._flags |= amqp_flags_t(AMQP_BASIC_HEADERS_FLAG)
            result.headers = table(headers)
        }
        if let mode = properties.deliveryMode {
            result._flags |= amqp_flags_t(AMQP_BASIC_DELIVERY_MODE_FLAG)
            result.delivery_mode = mode
        }
        if let priority = properties.priority {
            result._flags |= amqp_flags_t(AMQP_BASIC_PRIORITY_FLAG)
            result.priority = priority
        }
        if let timestamp = properties.timestamp {
            result._flags |= amqp_flags_t(AMQP_BASIC_TIMESTAMP_FLAG)
            result.timestamp = timestamp
        }
        text(
            properties.contentType, AMQP_BASIC_CONTENT_TYPE_FLAG, &result._flags,
            &result.content_type)
        text(
            properties.contentEncoding, AMQP_BASIC_CONTENT_ENCODING_FLAG, &result._flags,
            &result.content_encoding)
        text(
            properties.correlationID, AMQP_BASIC_CORRELATION_ID_FLAG, &result._flags,
            &result.correlation_id)
        text(properties.replyTo, AMQP_BASIC_REPLY_TO_FLAG, &result._flags, &result.reply_to)
        text(properties.expiration, AMQP_BASIC_EXPIRATION_FLAG, &result._flags, &result.expiration)
        text(properties.messageID, AMQP_BASIC_MESSAGE_ID_FLAG, &result._flags, &result.message_id)
        text(properties.type, AMQP_BASIC_TYPE_FLAG, &result._flags, &result.type)
        text(properties.userID, AMQP_BASIC_USER_ID_FLAG, &result._flags, &result.user_id)
        text(properties.appID, AMQP_BASIC_APP_ID_FLAG, &result._flags, &result.app_id)
        text(properties.clusterID, AMQP_BASIC_CLUSTER_ID_FLAG, &result._flags, &result.cluster_id)
        return result
    }

    private mutating func text(
        _ text: String?, _ flag: Int32, _ flags: inout amqp_flags_t, _ field: inout amqp_bytes_t
    ) {
        guard let text else { return }
        flags |= amqp_flags_t(flag)
        field = bytes(text)
    }
}

extension amqp_field_value_t {
    fileprivate mutating func set(_ kind: amqp_field_value_kind_t) {
        self.kind = UInt8(truncatingIfNeeded: kind.rawValue)
    }
}
