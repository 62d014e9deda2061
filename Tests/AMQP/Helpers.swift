import AMQP
import Foundation
import TestSupport

extension Broker {
    /// A queue of the test's own; quorum unless said otherwise, gone with the shared broker.
    func makeQueue(
        _ arguments: [(key: String, value: FieldValue)] = [("x-queue-type", .text("quorum"))]
    ) async throws -> String {
        let name = "q-\(UUID())"
        try await topology().declare(QueueDeclaration(name: name, arguments: FieldTable(arguments)))
        return name
    }
}

extension FieldValue {
    static func text(_ text: String) -> FieldValue { .string(Array(text.utf8)) }
}

extension MessageProperties {
    /// Each property, and a header of each type.
    static var everything: MessageProperties {
        var properties = MessageProperties()
        properties.contentType = "application/json"
        properties.contentEncoding = "identity"
        properties.deliveryMode = 2
        properties.priority = 3
        properties.correlationID = "c-1"
        properties.replyTo = "r-1"
        properties.expiration = "600000"
        properties.messageID = "m-1"
        properties.timestamp = 1_795_000_000
        properties.type = "refund.request.v1"
        properties.userID = "guest"
        properties.appID = "tests"
        properties.clusterID = "k"
        properties.headers = FieldTable([
            ("void", .void), ("bool", .bool(true)), ("i8", .int8(-8)), ("u8", .uint8(200)),
            ("i16", .int16(-1_600)), ("u16", .uint16(60_000)), ("i32", .int32(-3)),
            ("u32", .uint32(4_000_000_000)), ("i64", .int64(.min)), ("float", .float(1.5)),
            ("double", .double(-2.25)), ("decimal", .decimal(scale: 2, value: 314)),
            ("string", .text("日本")), ("bytes", .bytes([0, 255])), ("time", .timestamp(1)),
            ("array", .array([.int32(1), .text("x"), .array([])])),
            ("table", .table(FieldTable([("in", .table(FieldTable()))]))),
        ])
        return properties
    }
}
