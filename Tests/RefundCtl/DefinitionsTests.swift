import AMQP
import Foundation
import RefundMessages
import TestSupport
import Testing

@testable import RefundCtl

struct DefinitionsTests {
    private static let path = Repository.path("deploy/rabbitmq/definitions.json")

    @Test func everyWorkQueueIsBoundedAndLosesNothing() throws {
        let definitions = try Definitions.load(Self.path)
        #expect(definitions.queues.count == 34)
        for queue in definitions.queues {
            #expect(queue.arguments["x-queue-type"] == .string(Array("quorum".utf8)))
            #expect(queue.arguments["x-overflow"] == .string(Array("reject-publish".utf8)))
            #expect(queue.arguments["x-max-length-bytes"] == .int64(1 << 30))
            guard queue.name != "refund.dead-letters" else { continue }
            #expect(
                queue.arguments["x-dead-letter-strategy"] == .string(Array("at-least-once".utf8)))
            let isDelay = queue.name.hasPrefix("refund.delay.")
            let exchange = isDelay ? "" : "refund.dead-letters"
            #expect(queue.arguments["x-dead-letter-exchange"] == .string(Array(exchange.utf8)))
            #expect(queue.arguments["x-delivery-limit"] == (isDelay ? nil : .int64(20)))
        }
    }

    @Test func everyProductHasItsThreeQueues() throws {
        let definitions = try Definitions.load(Self.path)
        for product in Product.allCases.map(\.rawValue) {
            for (source, key, queue) in [
                ("refund.facts", "usage.\(product)", "refund.facts.\(product)"),
                ("refund.checks", product, "refund.checks.\(product)"),
                ("refund.outcomes", "#.\(product).#", "refund.outcomes.\(product)"),
            ] {
                let binding = Definitions.Binding(source: source, queue: queue, routingKey: key)
                #expect(definitions.bindings.contains(binding))
            }
        }
    }

    @Test func nobodyHasAPasswordInTheRepositoryAndServicesConfigureNothing() throws {
        let bytes = [UInt8](try #require(FileManager.default.contents(atPath: Self.path)))
        let root = try JSONDocument(bytes, limits: .stored).root
        let hashes = try root["users"].list { (user) throws(MessageFault) in
            try user["password_hash"].text(0...100)
        }
        #expect(hashes == Array(repeating: "", count: 15))
        let configure = try root["permissions"].list { (permission) throws(MessageFault) in
            (try permission["user"].text(), try permission["configure"].text(0...100))
        }
        let allowed = configure.filter { $0.1 != "^$" }.map(\.0)
        #expect(allowed == ["operator", "subscriber"])
    }

    @Test func aFileThatIsNotThereIsNamed() {
        let failure = #expect(throws: CommandFailure.self) { try Definitions.load("/nowhere.json") }
        #expect(failure?.description.contains("/nowhere.json") == true)
    }
}
