import AMQP
import Telemetry
import Testing

@testable import WorkerRuntime

@Suite("The form of bundles") struct BundleFormTests {
    @Test("What is read is what was written, whatever of the properties there is")
    func roundTrip() throws {
        var messages = [internalMessage("m-1"), internalMessage("é:ü/2", body: "{\"a\":[{}]}")]
        var bare = OutgoingMessage(exchange: "in", routingKey: "a.key", body: Array("{}".utf8))
        bare.properties.contentType = "application/json"
        bare.properties.deliveryMode = 2
        messages.append(bare)
        bare.properties.timestamp = .max
        messages.append(bare)

        let packed = bundle(messages)
        #expect(packed.properties.type == "refund.bundle.v1")
        #expect(packed.properties.contentType == "application/json")
        #expect(packed.properties.deliveryMode == 2)
        #expect(packed.mandatory)
        let items = try BundleReader.items(of: packed.body)
        #expect(items.map(\.properties) == messages.map(\.properties))
        #expect(items.map(\.body) == messages.map(\.body))
        #expect(!items.map(\.isReadable).contains(false))
    }

    @Test("An operator reads one item on each line of an array")
    func isInspectable() {
        var one = internalMessage("m-1")
        one.properties.headers = FieldTable([("traceparent", .string(Array("00-ab-cd-01".utf8)))])
        #expect(
            bundle([one, one]).text == """
                [
                {"type":"t.v1","messageId":"m-1","correlationId":"c-m-1","appId":"tests",\
                "timestamp":1700000000,"traceparent":"00-ab-cd-01","body":{"id":"m-1"}},
                {"type":"t.v1","messageId":"m-1","correlationId":"c-m-1","appId":"tests",\
                "timestamp":1700000000,"traceparent":"00-ab-cd-01","body":{"id":"m-1"}}
                ]
                """)
    }

    @Test(
        "A message that says more than an item can goes alone",
        arguments: [
            { $0.mandatory = false }, { $0.properties.contentType = nil },
            { $0.properties.deliveryMode = 1 }, { $0.properties.contentEncoding = "identity" },
            { $0.properties.priority = 1 }, { $0.properties.replyTo = "q" },
            { $0.properties.expiration = "1" }, { $0.properties.userID = "u" },
            { $0.properties.clusterID = "c" }, { $0.properties.messageID = "a\"b" },
            { $0.properties.correlationID = "a\\b" }, { $0.properties.appID = "a\nb" },
            { $0.properties.type = String(repeating: "t", count: 256) },
            { $0.properties.headers?.entries.append(("x", .void)) },
            { $0.properties.headers = FieldTable([("traceparent", .int32(1))]) },
            { $0.properties.headers = FieldTable([("traceparent", .string([0x22]))]) },
            { $0.properties.headers = FieldTable([("other", .string([0x30]))]) },
            { $0.body = [] }, { $0.body = Array("[]".utf8) }, { $0.body = Array("{\n}".utf8) },
            { $0.body = Array("{\"a\":1".utf8) },
        ] as [@Sendable (inout OutgoingMessage) -> Void])
    func singles(_ change: @Sendable (inout OutgoingMessage) -> Void) {
        var message = internalMessage("m-1")
        var writer = BundleWriter()
        let wasAdded = writer.add(message)
        change(&message)
        let isAdded = writer.add(message)
        #expect(wasAdded && !isAdded)
        #expect(writer.count == 1)
    }

    @Test(
        "A line that is no item leaves its neighbours readable, and its bytes are kept",
        arguments: [
            "", "{}", "null", "{\"body\":{}", "{\"body\":[]}", "{\"body\":1}", "{\"body\":{}} ",
            "{ \"body\":{}}", "{\"messageId\":\"m\",\"type\":\"t\",\"body\":{}}",
            "{\"type\":\"t\"\"body\":{}}", "{\"type\":\"a\\u0041\",\"body\":{}}",
            "{\"type\":null,\"body\":{}}", "{\"timestamp\":-1,\"body\":{}}",
            "{\"timestamp\":18446744073709551616,\"body\":{}}",
            "{\"type\":\"\(String(repeating: "t", count: 256))\",\"body\":{}}",
            "{\"unknown\":1,\"body\":{}}", "{\"type\":\"t\"}",
        ])
    func unreadableLine(_ line: String) throws {
        let body = "[\n{\"type\":\"a\",\"body\":{}},\n\(line),\n{\"body\":{\"b\":1}}\n]"
        let items = try BundleReader.items(of: Array(body.utf8))
        #expect(items.map(\.isReadable) == [true, false, true])
        #expect(items[0].properties.type == "a")
        #expect(items[1].body == Array(line.utf8))
        #expect(items[1].properties == MessageProperties())
        #expect(items[2].body == Array("{\"b\":1}".utf8))
    }

    @Test("Text that is not UTF-8 makes an item unreadable")
    func notUTF8() throws {
        let line = Array("{\"type\":\"".utf8) + [0xC3, 0x28] + Array("\",\"body\":{}}".utf8)
        let items = try BundleReader.items(of: Bundle.start + line + Bundle.end)
        #expect(items.map(\.isReadable) == [false])
    }

    @Test(
        "A body that is no array with an item on each line is no bundle",
        arguments: [
            "", "[]", "[\n]", "{}", "[{\"body\":{}}]", "[\n{\"body\":{}}]", "[\n{\"body\":{}}\n] ",
            "[\n{\"body\":{}}\n{\"body\":{}}\n]", "\n[\n{\"body\":{}}\n]",
        ])
    func noBundle(_ body: String) {
        #expect(throws: BundleFault.self) { try BundleReader.items(of: Array(body.utf8)) }
    }

    @Test("More items or bytes than a bundle has are refused")
    func bounds() throws {
        let item = "{\"body\":{}}"
        let most = Array(repeating: item, count: Bundle.mostItems)
        let body = { (items: [String]) in
            Array("[\n\(items.joined(separator: ",\n"))\n]".utf8)
        }
        #expect(try BundleReader.items(of: body(most)).count == Bundle.mostItems)
        #expect(throws: BundleFault.self) { try BundleReader.items(of: body(most + [item])) }
        let long = "{\"body\":{\"a\":\"\(String(repeating: "x", count: Bundle.mostBytes))\"}}"
        #expect(throws: BundleFault.self) { try BundleReader.items(of: body([long])) }
    }
}
