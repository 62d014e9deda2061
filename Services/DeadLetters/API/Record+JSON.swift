import AMQP
import Foundation
import RefundMessages

extension Record {
    /// `deadLetter` of the API's description; with its contents where they are given.
    func write(to json: inout JSONWriter, _ content: Content? = nil) {
        json.object { json in
            writeFields(to: &json)
            content?.writeFields(to: &json)
        }
    }

    func writeFields(to json: inout JSONWriter) {
        json.field("id", String(id))
        json.field("state", state.rawValue)
        json.field("origin", origin.rawValue)
        json.field("reason", reason)
        json.field("detail", detail)
        json.field("path", path)
        json.field("fingerprint", fingerprint)
        json.field("type", type)
        json.field("messageId", messageID)
        json.field("queue", queue)
        json.field("exchange", exchange)
        json.field("routingKey", routingKey)
        json.field("consumer", consumer)
        json.field("attempts", attempts)
        json.field("firstFailedAt", firstFailedAt)
        json.field("lastFailedAt", lastFailedAt)
        json.field("receivedAt", receivedAt)
        json.field("changedAt", changedAt)
        json.field("sightings", sightings)
        json.field("requestId", requestID)
        json.field("orderId", orderID)
        json.field("bodyBytes", bodyBytes)
        json.field("replayOf", replayOf.map(String.init))
        json.field("failedAgainAs", failedAgainAs.map(String.init))
    }
}

extension Content {
    func writeFields(to json: inout JSONWriter) {
        json.name("properties")
        json.object { json in properties.writeMembers(to: &json) }
        json.name("headers")
        if let headers {
            json.object { json in headers.writeMembers(to: &json) }
        } else {
            json.null()
        }
        json.field("headersBase64", rawHeaders.map { Data($0).base64EncodedString() })
        json.field("body", String(validating: body, as: UTF8.self))
        json.field("bodyBase64", Data(body).base64EncodedString())
    }
}

extension FieldTable {
    /// The members of a JSON object. A name that comes again is followed by `#2`, `#3` …
    func writeMembers(to json: inout JSONWriter) {
        var seen: [String: Int] = [:]
        for (key, value) in entries {
            seen[key, default: 0] += 1
            let number = seen[key] ?? 1
            json.name(of: number == 1 ? key : "\(key)#\(number)")
            value.write(to: &json)
        }
    }
}

extension FieldValue {
    /// The greatest whole number that every JSON reader holds exactly, 2^53 − 1.
    private static let exact = -9_007_199_254_740_991...9_007_199_254_740_991

    /// As its JSON where that says all; else with its type, so that nothing looks like what it is not.
    func write(to json: inout JSONWriter) {
        switch self {
        case .void: json.null()
        case .bool(let value): value.write(to: &json)
        case .int8(let value): Int(value).write(to: &json)
        case .uint8(let value): Int(value).write(to: &json)
        case .int16(let value): Int(value).write(to: &json)
        case .uint16(let value): Int(value).write(to: &json)
        case .int32(let value): Int(value).write(to: &json)
        case .uint32(let value): Int(value).write(to: &json)
        case .int64(let value):
            if Self.exact.contains(Int(value)) {
                value.write(to: &json)
            } else {
                Self.write("int64", text: "\(value)", to: &json)
            }
        case .float(let value): Self.write("float", text: "\(value)", to: &json)
        case .double(let value): Self.write("double", text: "\(value)", to: &json)
        case .decimal(let scale, let value):
            Self.write("decimal", text: "\(value)e-\(scale)", to: &json)
        case .timestamp(let value): Self.write("timestamp", text: "\(value)", to: &json)
        case .string(let bytes):
            if let text = String(validating: bytes, as: UTF8.self) {
                text.write(to: &json)
            } else {
                Self.write("string", bytes: bytes, to: &json)
            }
        case .bytes(let bytes): Self.write("bytes", bytes: bytes, to: &json)
        case .array(let values):
            json.array { json in
                for value in values { value.write(to: &json) }
            }
        case .table(let table):
            json.object { json in table.writeMembers(to: &json) }
        }
    }

    private static func write(_ type: String, text: String, to json: inout JSONWriter) {
        json.object { json in
            json.field("$type", type)
            json.field("value", text)
        }
    }

    private static func write(_ type: String, bytes: [UInt8], to json: inout JSONWriter) {
        json.object { json in
            json.field("$type", type)
            json.field("base64", Data(bytes).base64EncodedString())
        }
    }
}
