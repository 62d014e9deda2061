import Foundation

/// One walk of a value along a schema.
struct SchemaCheck {
    let schemas: ContractSchemas
    let file: String
    var faults: [String] = []

    mutating func check(_ value: JSONTree, _ schema: JSONTree, at path: String) {
        guard case .object(let keywords) = schema else {
            return fault(path, "the schema is no object")
        }
        for (keyword, argument) in keywords {
            switch keyword {
            case "$schema", "$defs", "title", "description", "format", "default": continue
            case "$ref": follow(argument, value, path)
            case "type", "const", "enum": checkKind(keyword, argument, value, path)
            case "properties", "required": checkObject(keyword, argument, value, path)
            case "items", "minItems", "maxItems", "uniqueItems", "contains":
                checkArray(keyword, argument, value, path)
            case "minimum", "maximum": checkNumber(keyword, argument, value, path)
            case "minLength", "maxLength", "pattern": checkText(keyword, argument, value, path)
            case "allOf", "anyOf", "not": checkCombination(keyword, argument, value, path)
            case "if": checkCondition(keywords, value, path)
            case "then", "else": continue
            default: fault(path, "the keyword \(keyword) is not known here")
            }
        }
    }

    private mutating func fault(_ path: String, _ what: String) {
        faults.append("\(path.isEmpty ? "/" : path): \(what)")
    }

    /// Whether a schema accepts the value, its faults not kept.
    private func accepts(_ value: JSONTree, _ schema: JSONTree) -> Bool {
        var inner = SchemaCheck(schemas: schemas, file: file)
        inner.check(value, schema, at: "")
        return inner.faults.isEmpty
    }

    private mutating func follow(_ reference: JSONTree, _ value: JSONTree, _ path: String) {
        guard case .string(let text) = reference, let found = schemas.resolve(text, from: file)
        else { return fault(path, "a $ref leads nowhere") }
        var inner = SchemaCheck(schemas: schemas, file: found.file)
        inner.check(value, found.schema, at: path)
        faults += inner.faults
    }

    private mutating func checkKind(
        _ keyword: String, _ argument: JSONTree, _ value: JSONTree, _ path: String
    ) {
        switch (keyword, argument) {
        case ("type", .string(let type)):
            if value.type != type { fault(path, "is \(value.type), not \(type)") }
        case ("type", .array(let types)):
            if !types.contains(.string(value.type)) { fault(path, "is \(value.type)") }
        case ("const", _): if value != argument { fault(path, "is not the constant") }
        case ("enum", .array(let values)):
            if !values.contains(value) { fault(path, "is none of the enumeration") }
        default: fault(path, "the keyword \(keyword) is malformed")
        }
    }

    private mutating func checkObject(
        _ keyword: String, _ argument: JSONTree, _ value: JSONTree, _ path: String
    ) {
        guard case .object(let members) = value else { return }
        switch argument {
        case .object(let properties):
            for (name, schema) in properties {
                if let member = members[name] { check(member, schema, at: "\(path)/\(name)") }
            }
        case .array(let names):
            for case .string(let name) in names where members[name] == nil {
                fault("\(path)/\(name)", "is missing")
            }
        default: fault(path, "the keyword \(keyword) is malformed")
        }
    }

    private mutating func checkArray(
        _ keyword: String, _ argument: JSONTree, _ value: JSONTree, _ path: String
    ) {
        guard case .array(let elements) = value else { return }
        switch (keyword, argument) {
        case ("items", _):
            for (index, element) in elements.enumerated() {
                check(element, argument, at: "\(path)/\(index)")
            }
        case ("minItems", .integer(let bound)):
            if elements.count < bound { fault(path, "has too few elements") }
        case ("maxItems", .integer(let bound)):
            if elements.count > bound { fault(path, "has too many elements") }
        case ("uniqueItems", .bool(true)):
            if Set(elements).count < elements.count { fault(path, "has an element twice") }
        case ("contains", _):
            if !elements.contains(where: { accepts($0, argument) }) {
                fault(path, "has no element of the kind that must be there")
            }
        default: fault(path, "the keyword \(keyword) is malformed")
        }
    }

    private mutating func checkNumber(
        _ keyword: String, _ argument: JSONTree, _ value: JSONTree, _ path: String
    ) {
        guard case .integer(let number) = value else { return }
        switch (keyword, argument) {
        case ("minimum", .integer(let bound)): if number < bound { fault(path, "is too small") }
        case ("maximum", .integer(let bound)): if number > bound { fault(path, "is too great") }
        default: fault(path, "the keyword \(keyword) is malformed")
        }
    }

    private mutating func checkText(
        _ keyword: String, _ argument: JSONTree, _ value: JSONTree, _ path: String
    ) {
        guard case .string(let text) = value else { return }
        switch (keyword, argument) {
        case ("minLength", .integer(let bound)):
            if text.unicodeScalars.count < bound { fault(path, "is too short") }
        case ("maxLength", .integer(let bound)):
            if text.unicodeScalars.count > bound { fault(path, "is too long") }
        case ("pattern", .string(let pattern)):
            guard let regex = try? Regex(pattern).matchingSemantics(.unicodeScalar) else {
                return fault(path, "the pattern cannot be read")
            }
            if text.firstMatch(of: regex) == nil { fault(path, "does not match \(pattern)") }
        default: fault(path, "the keyword \(keyword) is malformed")
        }
    }

    private mutating func checkCombination(
        _ keyword: String, _ argument: JSONTree, _ value: JSONTree, _ path: String
    ) {
        switch (keyword, argument) {
        case ("allOf", .array(let parts)): for part in parts { check(value, part, at: path) }
        case ("anyOf", .array(let parts)):
            if !parts.contains(where: { accepts(value, $0) }) {
                // The faults of the first alternative say more than that none fits.
                if let first = parts.first { check(value, first, at: path) }
            }
        case ("not", _): if accepts(value, argument) { fault(path, "is what it must not be") }
        default: fault(path, "the keyword \(keyword) is malformed")
        }
    }

    private mutating func checkCondition(
        _ keywords: [String: JSONTree], _ value: JSONTree, _ path: String
    ) {
        guard let condition = keywords["if"] else { return }
        let branch = accepts(value, condition) ? keywords["then"] : keywords["else"]
        if let branch { check(value, branch, at: path) }
    }
}
