import RefundMessages
import Testing

/// The certificate table of the rule book, written out: what is given, and what is found.
///
/// A row is `first second third | rules: finding`. A state is a status of the contract. A revoked
/// or deleted certificate tells by a sign when its revocation's review was completed: `<` one
/// second before the deadline, `=` at it, `>` one second after, `!` issued and never completed;
/// `deleted` without a sign was never issued. The finding is a code, or the steps that remain, each
/// with the sequence number of its certificate.
enum CertificateTable {
    struct Row: Sendable, CustomTestStringConvertible {
        var years: Int
        var certificates: [CertificateFacts]
        var rules: [String]
        var code: String
        var steps: [String]
        var testDescription: String
    }

    private static let stepNames = [
        "cancel": "cancel_application", "withdraw": "withdraw_application",
        "revise": "revise_application", "submit": "submit_for_review",
        "revoke": "revoke_certificate", "await": "await_revocation",
        "delete": "delete_certificate", "drop": "cancel_inactive_certificate",
    ]

    static func rows(years: Int, _ text: String) -> [Row] {
        text.split(separator: "\n").map { row in
            let columns = row.split(separator: "|").map {
                $0.split(separator: " ").map(String.init)
            }
            let given = columns[0] == ["-"] ? [] : columns[0]
            let end = columns[1].firstIndex { $0.hasSuffix(":") } ?? 0
            let finding = Array(columns[1][(end + 1)...])
            let areSteps = finding[0].contains(":")
            return Row(
                years: years,
                certificates: given.enumerated().map { certificate($1, sequence: $0 + 1) },
                rules: columns[1][...end].map { $0.replacing(":", with: "") },
                code: areSteps ? "release_required" : finding[0],
                steps: areSteps ? finding.map(step) : [],
                testDescription: "\(years) y: \(row)")
        }
    }

    /// A certificate `c<sequence>` in a state of the table.
    static func certificate(_ state: String, sequence: Int, id: String? = nil) -> CertificateFacts {
        let sign = state.last.flatMap { "<=>!".contains($0) ? $0 : nil }
        let status = CertificateFacts.Status(
            rawValue: sign == nil ? state : String(state.dropLast()))
        let completedAt: Instant? =
            switch sign {
            case "<": Sample.deadline.advanced(bySeconds: -1)
            case "=": Sample.deadline
            case ">": Sample.deadline.advanced(bySeconds: 1)
            default: nil
            }
        let issued: [CertificateFacts.Status] = [.issued, .revocationUnderReview, .revoked]
        return CertificateFacts(
            certificateID: id ?? "c\(sequence)", sequence: sequence, status: status ?? .deleted,
            everIssued: sign != nil || status.map(issued.contains) ?? false,
            revocationCompletedAt: completedAt)
    }

    private static func step(_ text: String) -> String {
        let parts = text.split(separator: ":").map(String.init)
        return "\(stepNames[parts[0]] ?? "?") c\(parts[1])"
    }
}
