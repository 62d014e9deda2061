import Foundation
import Yams

/// A place in a policy file, read strictly: what does not fit is thrown with its line and column.
struct PolicyNode {
    /// Unicode scalars of a text in the policy.
    static let maxTextLength = 64

    private let node: Node
    private let file: String
    /// How a person would name the place: `promotions.promo-half.windowDays`.
    private let name: String

    /// The document's outermost node.
    static func root(of yaml: String, file: String) throws(PolicyFault) -> PolicyNode {
        do {
            guard let node = try Yams.compose(yaml: yaml) else {
                throw PolicyFault(
                    code: .notYAML, file: file, line: 1, column: 1,
                    message: "is empty; write version, zone, windowDays and promotions")
            }
            return PolicyNode(node: node, file: file, name: "")
        } catch let fault as PolicyFault {
            throw fault
        } catch {
            throw PolicyFault(yamlError: error, file: file)
        }
    }

    /// The members by key. `allowed` nil: any id of the contract's form is a key.
    func mapping(allowed: Set<String>?) throws(PolicyFault) -> [String: PolicyNode] {
        guard case .mapping(let mapping) = node else {
            throw fault(.wrongType, "must be a mapping of keys to values")
        }
        var members: [String: PolicyNode] = [:]
        for (key, value) in mapping {
            let keyNode = PolicyNode(node: key, file: file, name: name)
            guard case .scalar(let scalar) = key else {
                throw keyNode.fault(.unknownKey, "has a key that is not text")
            }
            if let allowed, !allowed.contains(scalar.string) {
                let known = allowed.sorted().joined(separator: ", ")
                throw keyNode.fault(
                    .unknownKey, "has the unknown key \"\(scalar.string)\"; known are \(known)")
            }
            if allowed == nil, !scalar.string.isID {
                throw keyNode.fault(
                    .unknownKey,
                    "has the key \"\(scalar.string)\", which is no id: 1–64 letters, digits and ._:-"
                )
            }
            let memberName = name.isEmpty ? scalar.string : "\(name).\(scalar.string)"
            members[scalar.string] = PolicyNode(node: value, file: file, name: memberName)
        }
        return members
    }

    /// A member that must be there.
    func member(_ key: String, of members: [String: PolicyNode]) throws(PolicyFault) -> PolicyNode {
        guard let member = members[key] else {
            throw fault(.missingKey, "lacks the key \"\(key)\"")
        }
        return member
    }

    func text() throws(PolicyFault) -> String {
        guard case .scalar(let scalar) = node, node.tag == Tag(.str),
            (1...Self.maxTextLength).contains(scalar.string.unicodeScalars.count)
        else {
            throw fault(.wrongType, "must be text of 1–\(Self.maxTextLength) characters, in quotes")
        }
        return scalar.string
    }

    func integer(in range: ClosedRange<Int>) throws(PolicyFault) -> Int {
        guard node.tag == Tag(.int), case .scalar(let scalar) = node,
            let value = Int(scalar.string)
        else {
            throw fault(.wrongType, "must be a whole number, written in digits without quotes")
        }
        guard range.contains(value) else {
            throw fault(
                .outOfRange, "is \(value); it must be \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func bool() throws(PolicyFault) -> Bool {
        if node.tag == Tag(.bool), case .scalar(let scalar) = node {
            if scalar.string == "true" { return true }
            if scalar.string == "false" { return false }
        }
        throw fault(.wrongType, "must be true or false")
    }

    func timeZone() throws(PolicyFault) -> TimeZone {
        let identifier = try text()
        guard identifier == "UTC" || identifier.contains("/"),
            let zone = TimeZone(identifier: identifier)
        else {
            throw fault(
                .unknownZone, "is no known time zone; write a name such as Asia/Shanghai or UTC")
        }
        return zone
    }

    private func fault(_ code: PolicyFault.Code, _ sentence: String) -> PolicyFault {
        PolicyFault(
            code: code, file: file, line: node.mark?.line, column: node.mark?.column,
            message: "\(name.isEmpty ? "the policy" : name) \(sentence)")
    }
}

extension PolicyFault {
    /// What the YAML parser itself refuses.
    fileprivate init(yamlError error: any Error, file: String) {
        self.init(code: .notYAML, file: file, message: "is not valid YAML: \(error)")
        guard let error = error as? YamlError else { return }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            (line, column) = (mark.line, mark.column)
            message = "is not valid YAML: \(problem)"
        case .duplicatedKeysInMapping(let duplicates, let context):
            (line, column) = (context.mark.line, context.mark.column)
            message = "has the same key twice: \(duplicates.joined(separator: ", "))"
        default: break
        }
    }
}

extension String {
    /// Whether this is an id of the contract: `[A-Za-z0-9][A-Za-z0-9._:-]{0,63}`.
    fileprivate var isID: Bool {
        guard let first = utf8.first, utf8.count <= 64 else { return false }
        return first.isASCIILetterOrDigit
            && utf8.allSatisfy { $0.isASCIILetterOrDigit || "._:-".utf8.contains($0) }
    }
}

extension UInt8 {
    fileprivate var isASCIILetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
