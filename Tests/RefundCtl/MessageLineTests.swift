import AMQP
import RefundMessages
import Testing

@testable import RefundCtl

struct MessageLineTests {
    @Test func theBodyIsKeptByteForByte() throws {
        let line = try MessageLine(
            Array(
                #"{"routingKey":"order","exchange":"refund.facts","body": { "a" : 1.0, "b":"x\/}" } }"#
                    .utf8))
        #expect(String(decoding: line.body, as: UTF8.self) == #"{ "a" : 1.0, "b":"x\/}" }"#)
        #expect(line.exchange == "refund.facts")
    }

    @Test(arguments: [
        ("refund.requests", "request", "refund.request.v1"),
        ("refund.facts", "order", "order.paid.v1"),
        ("refund.facts", "usage.pca", "usage.pca.v1"),
        ("refund.reviews", "decision", "review.decision.v1"),
        ("refund.requests", "elsewhere", nil),
    ])
    func theTypeFollowsFromWhereItGoes(exchange: String, key: String, type: String?) {
        let line = MessageLine(exchange: exchange, routingKey: key, body: [])
        #expect(line.message(at: Instant(seconds: 1)).properties.type == type)
    }

    @Test func propertiesAreThoseOfTheContract() throws {
        let line = try MessageLine(
            Array(
                #"{"exchange":"refund.requests","routingKey":"request","messageId":"m-1","type":"t","body":{"requestId":"r-1"}}"#
                    .utf8))
        let properties = line.message(at: Instant(seconds: 77)).properties
        #expect(properties.messageID == "m-1")
        #expect(properties.type == "t")
        #expect(properties.correlationID == "r-1")
        #expect(properties.deliveryMode == 2)
        #expect(properties.timestamp == 77)
        #expect(properties.contentType == "application/json")
        #expect(properties.appID == "refundctl")
        #expect(properties.headers?["traceparent"] != nil)
    }

    @Test(arguments: [
        (#"{"routingKey":"order","body":{}}"#, "/exchange is missing"),
        (#"{"exchange":"refund.facts","body":{}}"#, "/routingKey is missing"),
        (#"{"exchange":"refund.facts","routingKey":"order"}"#, "/body is missing"),
        (#"{"exchange":"refund.facts","routingKey":"order","body":[]}"#, "/body must be an object"),
        (#"{"exchange":"amq.topic","routingKey":"order","body":{}}"#, "/exchange must be one of"),
        (#"{"exchange":7,"routingKey":"order","body":{}}"#, "/exchange must be a text"),
        (
            #"{"exchange":"refund.facts","routingKey":"order","body":{},"bdy":1}"#,
            "/bdy is no member"
        ),
        (#"{"exchange":"refund.facts","#, "is not JSON"),
        (#"[]"#, "not a JSON object"),
        (#"{"exchange":"refund.facts","exchange":"x","routingKey":"order","body":{}}"#, "twice"),
    ])
    func aWrongLineIsRefusedWithItsFault(line: String, complaint: String) throws {
        let fault = #expect(throws: MessageFault.self) { try MessageLine(Array(line.utf8)) }
        #expect(fault?.detail.contains(complaint) == true, "\(fault?.detail ?? "")")
    }
}

struct RawObjectTests {
    @Test(arguments: [
        (#"{}"#, []), (#" { "a" : 1 } "#, ["a=1"]),
        (
            #"{"a":[1,{"b":"]}"}],"c":"x,\"y","d":null}"#,
            [#"a=[1,{"b":"]}"}]"#, #"c="x,\"y""#, "d=null"]
        ),
        (#"{"a\u0062":-1.5e3,"c":true}"#, ["ab=-1.5e3", "c=true"]),
    ])
    func membersStandAsTheyWereWritten(text: String, expected: [String]) throws {
        let members = try RawObject(Array(text.utf8)).members
        #expect(
            members.map { "\($0.name)=\(String(decoding: $0.value, as: UTF8.self))" } == expected)
    }

    @Test(arguments: [
        ("[]", []), ("[1]", ["1"]), (#"[ {"a":[1,2]} , "]" ]"#, [#"{"a":[1,2]}"#, #""]""#]),
    ])
    func elementsStandAsTheyWereWritten(text: String, expected: [String]) {
        let elements = RawObject.elements(Array(text.utf8)[...])
        #expect(elements.map { String(decoding: $0, as: UTF8.self) } == expected)
    }
}
