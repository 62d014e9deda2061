package import Foundation

/// The contract's JSON Schemas (2020-12), and the check of a message against them.
///
/// Knows the keywords that the schemas use. Any other is reported as a fault, so that a schema
/// never says something that nobody checks.
package struct ContractSchemas: Sendable {
    let files: [String: JSONTree]

    /// The folder of the contract in this checkout.
    package static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().appending(path: "../../Shared/RefundMessages/Contract")

    package init() throws {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: Self.folder.appending(path: "schemas").path)
        var files: [String: JSONTree] = [:]
        for name in names where name.hasSuffix(".json") {
            let data = try Data(contentsOf: Self.folder.appending(path: "schemas/\(name)"))
            files[name] = try JSONDecoder().decode(JSONTree.self, from: data)
        }
        self.files = files
    }

    /// The messages that have a schema, by `type`.
    package var messageTypes: [String] {
        files.keys.filter { $0 != "common.schema.json" }
            .map { String($0.dropLast(".schema.json".count)) }.sorted()
    }

    /// The currencies the contract accepts.
    package var currencies: Set<String> {
        guard case .array(let codes) = files["common.schema.json"]?["$defs"]?["currency"]?["enum"]
        else { return [] }
        return Set(codes.compactMap { if case .string(let code) = $0 { code } else { nil } })
    }

    /// What the schema of a message finds wrong with a body: each fault with its place, none where
    /// the body is as the contract says.
    package func faults(in body: [UInt8], type: String) throws -> [String] {
        faults(in: try JSONTree(body), type: type)
    }

    /// The same for a body that was read already.
    package func faults(in message: JSONTree, type: String) -> [String] {
        let name = "\(type).schema.json"
        guard let schema = files[name] else { return ["There is no schema of \(type)"] }
        var check = SchemaCheck(schemas: self, file: name)
        check.check(message, schema, at: "")
        return check.faults
    }

    /// The schema that a `$ref` of a file points to, and the file it stands in.
    func resolve(_ reference: String, from file: String) -> (schema: JSONTree, file: String)? {
        let parts = reference.split(separator: "#", omittingEmptySubsequences: false)
        let target = parts[0].isEmpty ? file : String(parts[0])
        guard parts.count == 2, var schema = files[target] else { return nil }
        for name in parts[1].split(separator: "/") {
            guard let next = schema[String(name)] else { return nil }
            schema = next
        }
        return (schema, target)
    }
}
