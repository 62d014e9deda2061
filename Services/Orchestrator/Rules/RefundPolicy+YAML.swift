import Foundation
import Yams

extension RefundPolicy {
    /// Bytes a policy file may have.
    static let maxFileBytes = 1 << 20

    /// Reads the policy from a file.
    static func load(file: String) throws(PolicyFault) -> RefundPolicy {
        guard let data = FileManager.default.contents(atPath: file), data.count <= maxFileBytes,
            let yaml = String(data: data, encoding: .utf8)
        else {
            throw PolicyFault(
                code: .unreadable, file: file,
                message: "cannot be read as UTF-8 text of at most \(maxFileBytes) bytes; "
                    + "check the path and its permissions")
        }
        return try load(yaml: yaml, file: file)
    }

    /// Reads the policy strictly: every key is known, there once, of its type and within its range.
    ///
    /// - Parameter file: the name under which faults are reported.
    static func load(yaml: String, file: String = "policy") throws(PolicyFault) -> RefundPolicy {
        let root = try PolicyNode.root(of: yaml, file: file)
        let keys = try root.mapping(allowed: ["version", "zone", "windowDays", "promotions"])
        let version = try root.member("version", of: keys)
        let zone = try root.member("zone", of: keys)
        let windowDays = try root.member("windowDays", of: keys)
        return RefundPolicy(
            version: try version.text(), zone: try zone.timeZone(),
            windowDays: try windowDays.integer(in: windowDaysRange),
            promotions: try promotions(keys["promotions"]))
    }

    private static func promotions(_ node: PolicyNode?) throws(PolicyFault)
        -> [String: PromotionTerms]
    {
        var promotions: [String: PromotionTerms] = [:]
        guard let node else { return promotions }
        for (id, terms) in try node.mapping(allowed: nil) {
            let keys = try terms.mapping(allowed: ["refundable", "windowDays", "refundablePercent"])
            promotions[id] = PromotionTerms(
                refundable: try keys["refundable"]?.bool() ?? true,
                windowDays: try keys["windowDays"]?.integer(in: windowDaysRange),
                refundablePercent: try keys["refundablePercent"]?.integer(in: percentRange))
        }
        return promotions
    }
}
