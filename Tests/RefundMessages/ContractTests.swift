import ContractSupport
import Foundation
import RefundMessages
import Testing
import Yams

/// What the encoders write is what the published schemas say, and so are the published examples.
@Suite struct ContractTests {
    private let schemas: ContractSchemas

    init() throws { schemas = try ContractSchemas() }

    /// The dead-letter service writes it; its tests hold it to the schema.
    private static let deadLetterGroup = "refund.dead-letter-group.v1"

    @Test func everyMessageHasASchema() {
        let types =
            [
                RefundRequest.messageType, OrderPaid.messageType, ReviewDecision.messageType,
                RefundCheck.messageType, RefundResult.messageType, SettleLeg.messageType,
                PaymentNotice.messageType, RefundOutcome.messageType, "refund.bundle.v1",
            ] + Product.allCases.map(Usage.messageType) + [Self.deadLetterGroup]
        #expect(schemas.messageTypes == types.sorted())
    }

    @Test(arguments: Kind.allCases) func aWrittenMessageIsAsItsSchemaSays(_ kind: Kind) throws {
        #expect(try schemas.faults(in: bytes(kind.sample), type: kind.messageType) == [])
    }

    @Test func everyOutcomeIsAsItsSchemaSays() throws {
        for outcome in Outcomes.all {
            #expect(
                try schemas.faults(in: outcome.encode(), type: RefundOutcome.messageType) == [])
            #expect(try RefundOutcome.decode(outcome.encode()) == outcome)
        }
    }

    /// The schema finds the same places as the decoder; a schema that accepts anything would not.
    @Test(arguments: SchemaFaults.all)
    func theSchemaRefusesWhatTheDecoderRefuses(_ kind: Kind, _ fault: Fault) throws {
        let faults = try schemas.faults(in: bytes(fault.body), type: kind.messageType)
        #expect(faults.contains { $0.hasPrefix("\(fault.path ?? ""):") }, "\(faults)")
        guard case .refused(let found) = kind.outcome(of: bytes(fault.body)) else {
            Issue.record("The decoder accepted it.")
            return
        }
        #expect(found.path == fault.path)
    }

    @Test func everyCurrencyOfTheSchemaIsAcceptedAndNoOther() throws {
        let currencies = schemas.currencies
        #expect(currencies.count == 155)
        let letters = (UInt8(ascii: "A")...UInt8(ascii: "Z")).map { Unicode.Scalar($0) }
        for first in letters {
            for second in letters {
                for third in letters {
                    let code = "\(first)\(second)\(third)"
                    let isInSchema = currencies.contains(code)
                    #expect((Currency.exponent(of: code) != nil) == isInSchema, "\(code)")
                }
            }
        }
    }

    /// The AsyncAPI document names every public message with its schema, and its examples are
    /// accepted by the schemas and by the decoders.
    @Test func thePublishedExamplesAreAccepted() throws {
        let path = ContractSchemas.folder.appending(path: "asyncapi.yaml")
        let tree = JSONTree(yaml: try Yams.load(yaml: String(contentsOf: path, encoding: .utf8)))
        let document = try JSONDecoder().decode(AsyncAPI.self, from: JSONEncoder().encode(tree))
        #expect(document.asyncapi == "3.0.0")
        let published = Kind.allCases.filter(\.isPublic).map(\.messageType)
        let names = document.components.messages.values.map(\.name)
        #expect(Set(names) == Set(published + [Self.deadLetterGroup]))
        for message in document.components.messages.values {
            #expect(message.payload.schema.ref == "schemas/\(message.name).schema.json")
            #expect(!message.examples.isEmpty)
            let kind = Kind.allCases.first { $0.messageType == message.name }
            #expect(kind != nil || message.name == Self.deadLetterGroup)
            for example in message.examples {
                #expect(schemas.faults(in: example.payload, type: message.name) == [])
                let body = try JSONEncoder().encode(example.payload)
                if case .refused(let fault) = kind?.outcome(of: [UInt8](body)) {
                    Issue.record("\(message.name): \(fault)")
                }
            }
        }
    }
}

extension JSONTree {
    /// What Yams loaded; texts in quotes stay texts.
    fileprivate init(yaml value: Any?) {
        switch value {
        case let bool as Bool: self = .bool(bool)
        case let integer as Int: self = .integer(Int64(integer))
        case let number as Double: self = .number(number)
        case let string as String: self = .string(string)
        case let array as [Any]: self = .array(array.map { JSONTree(yaml: $0) })
        case let object as [String: Any]: self = .object(object.mapValues { JSONTree(yaml: $0) })
        default: self = .null
        }
    }
}

/// What is checked of the AsyncAPI document.
private struct AsyncAPI: Decodable {
    struct Components: Decodable { let messages: [String: Message] }

    struct Message: Decodable {
        struct Payload: Decodable { let schema: Reference }
        struct Example: Decodable { let payload: JSONTree }
        let name: String
        let payload: Payload
        let examples: [Example]
    }

    struct Reference: Decodable {
        let ref: String
        enum CodingKeys: String, CodingKey { case ref = "$ref" }
    }

    let asyncapi: String
    let components: Components
}

extension Kind {
    var messageType: String {
        switch self {
        case .request: RefundRequest.messageType
        case .order: OrderPaid.messageType
        case .decision: ReviewDecision.messageType
        case .check: RefundCheck.messageType
        case .result: RefundResult.messageType
        case .settle: SettleLeg.messageType
        case .notice: PaymentNotice.messageType
        case .outcome: RefundOutcome.messageType
        case .usage(let product): Usage.messageType(for: product)
        }
    }

    var isPublic: Bool {
        switch self {
        case .request, .order, .decision, .outcome, .usage: true
        case .check, .result, .settle, .notice: false
        }
    }
}
