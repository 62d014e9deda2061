import AMQP
import Foundation
import RefundMessages

/// The topology as the definitions file of deploy/rabbitmq describes it. Users and permissions of
/// the file are the broker's own business: AMQP has no method for them.
struct Definitions: Hashable {
    struct Exchange: Hashable {
        var name: String
        var type: String
        var arguments: FieldTable
    }

    struct Queue: Hashable {
        var name: String
        var arguments: FieldTable
    }

    struct Binding: Hashable {
        var source: String
        var queue: String
        var routingKey: String
    }

    var exchanges: [Exchange] = []
    var queues: [Queue] = []
    var bindings: [Binding] = []

    /// Beside the repository, then where the container image has it.
    static let defaultPaths = [
        "deploy/rabbitmq/definitions.json", "/etc/refund-workers/definitions.json",
    ]

    /// The file named, or REFUND_DEFINITIONS, or the first of the default places that is there.
    static func load(_ path: String?) throws(CommandFailure) -> Definitions {
        let path =
            path ?? GlobalOptions.environment("REFUND_DEFINITIONS")
            ?? defaultPaths.first { FileManager.default.fileExists(atPath: $0) } ?? defaultPaths[0]
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(
                .badInput, "\(path) cannot be read; --definitions names the definitions file")
        }
        do {
            return try Definitions(json: [UInt8](data))
        } catch {
            throw CommandFailure(.badInput, "\(path): \(error.detail)")
        }
    }

    init(json bytes: [UInt8]) throws(MessageFault) {
        let root = try JSONDocument(bytes, limits: .stored).root
        let raw = try RawObject(bytes)
        // A queue's arguments have names that are not known beforehand.
        let exchangeArguments = try Self.arguments(in: raw["exchanges"])
        let queueArguments = try Self.arguments(in: raw["queues"])
        let names = try root["exchanges"].list { (exchange) throws(MessageFault) in
            (try exchange["name"].text(1...255), try exchange["type"].text())
        }
        exchanges = zip(names, exchangeArguments).map {
            Exchange(name: $0.0, type: $0.1, arguments: $1)
        }
        let queueNames = try root["queues"].list { (queue) throws(MessageFault) in
            try queue["name"].text(1...255)
        }
        queues = zip(queueNames, queueArguments).map {
            Queue(name: $0, arguments: $1)
        }
        bindings = try root["bindings"].list { (binding) throws(MessageFault) in
            Binding(
                source: try binding["source"].text(), queue: try binding["destination"].text(),
                routingKey: try binding["routing_key"].text(0...255))
        }
    }

    /// The `arguments` of each object of a list.
    private static func arguments(
        in list: ArraySlice<UInt8>?
    ) throws(MessageFault) -> [FieldTable] {
        var tables: [FieldTable] = []
        for element in RawObject.elements(list ?? []) {
            let arguments = try RawObject(checked: element)["arguments"]
            tables.append(try arguments.map(table) ?? FieldTable())
        }
        return tables
    }

    private static func table(_ bytes: ArraySlice<UInt8>) throws(MessageFault) -> FieldTable {
        var table = FieldTable()
        for member in try RawObject(checked: bytes).members {
            let value = try JSONDocument(Array(member.value), limits: .stored).root
            if let number = try? value.integer() {
                table[member.name] = .int64(number)
            } else if let flag = try? value.bool() {
                table[member.name] = .bool(flag)
            } else {
                table[member.name] = .string(Array(try value.text(0...Int.max).utf8))
            }
        }
        return table
    }
}
