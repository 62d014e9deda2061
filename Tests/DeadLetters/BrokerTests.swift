import AMQP
import DeadLettersSupport
import Foundation
import TestSupport
import Testing

@testable import DeadLetters

/// Whatever a message holds, and what a kill does.
@Suite(.timeLimit(.minutes(10))) struct BrokerTests {
    /// One of many hostile bodies with headers of every type.
    private static func hostile(_ number: Int) -> OutgoingMessage {
        var generator = SystemRandomNumberGenerator()
        let bytes = { (count: Int) in
            (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        }
        var body: [UInt8]
        switch number % 10 {
        case 0: body = bytes(Int.random(in: 0...2_000))
        case 1: body = Array("\u{1B}]0;owned\u{7}\u{1B}[2J\u{9B}31m\u{202E}\r\n{}".utf8)
        case 2: body = [UInt8](repeating: 0x5B, count: 50_000)
        case 3: body = Array("{\"a\":".utf8) + bytes(20) + Array("}".utf8)
        case 4: body = []
        case 5: body = [0xEF, 0xBB, 0xBF] + Array("{}".utf8)
        case 6: body = bytes(number == 6 ? 1_500_000 : 70_000)
        case 7: body = Array("{\"requestId\":\"\\u0000\\ud800\",\"requestId\":\"r\"}".utf8)
        case 8: body = Array("'; DROP TABLE dead_letters; --\u{0}".utf8)
        default: body = Array("{\"lines\":[{\"n\":1e999999}]}".utf8)
        }
        var message = OutgoingMessage(
            exchange: "refund.requests", routingKey: "hostile.\(number)", body: body)
        message.properties.messageID = "h-\(number)\u{1B}[31m\u{0}"
        message.properties.type = number % 3 == 0 ? "\u{202E}evil\u{0}" : nil
        var headers = FieldTableCodecTests.everyType
        // Erlang has no such numbers: RabbitMQ closes the connection over them.
        headers["nan"] = nil
        headers["double"] = .double(.greatestFiniteMagnitude)
        headers["number"] = .int64(Int64(number))
        headers["refund-reason"] = .string(Array("not_in_review".utf8))
        if number % 4 == 0 { headers["binary"] = .bytes(bytes(3_000)) }
        if number % 4 == 1 {
            headers["deep"] = .table(
                (0..<60).reduce(FieldTable()) { table, _ in FieldTable([("in", .table(table))]) })
        }
        message.properties.headers = headers
        return message
    }

    @Test("500 hostile messages are stored exactly and shown as JSON that anyone can read")
    func hostileMessages() async throws {
        try await DeadLetterSystem.with { system in
            let messages = (0..<500).map(Self.hostile)
            try await system.publish(messages)
            #expect(try await eventually { try await system.total() == 500 })
            var found: [String: [String: Any]] = [:]
            for letter in try await system.deadLetters("view=full") {
                found[try #require(letter["routingKey"] as? String)] = letter
            }
            #expect(found.count == 500)
            for message in messages {
                let letter = try #require(found[message.routingKey])
                let body = try #require(letter["bodyBase64"] as? String)
                #expect(Data(base64Encoded: body).map { [UInt8]($0) } == message.body)
                let headers = try #require(letter["headersBase64"] as? String)
                let bytes = try #require(Data(base64Encoded: headers))
                #expect([UInt8](bytes) == message.properties.headers.map(FieldTableCodec.encode))
                #expect(
                    letter["messageId"] as? String
                        == message.properties.messageID?.replacing("\u{0}", with: "\u{10FE00}"))
                #expect(letter["reason"] as? String == "unroutable")
            }
            // Raw control characters are in no answer.
            let answer = try await system.call("GET", "/v1/dead-letters?view=full&limit=200")
            #expect(answer.body.allSatisfy { $0 >= 0x20 })
            for id in ["1", "2", "3", "500"] {
                #expect(try await system.call("GET", "/v1/dead-letters/\(id)").status == 200)
            }
        }
    }

    @Test(
        "Killed while it drains and replays, every message is in one state, none lost, none doubled"
    )
    func kills() async throws {
        let result = try await KillRun(count: 1_000, kills: 6).run()
        #expect(result.isRight(1_000), "\(result)")
    }
}
