import RefundMessages

extension CertificateFacts {
    /// SSL-2: a certificate that was issued and is given back had its revocation's review
    /// completed at or after the deadline, or never. Held by every certificate of the line,
    /// whatever its sequence; one that is not revoked yet has steps before it instead.
    func wasRevokedTooLate(_ deadline: Instant) -> Bool {
        guard status == .revoked || (status == .deleted && everIssued) else { return false }
        return revocationCompletedAt.map { $0 >= deadline } ?? true
    }

    /// SSL-8: the second or third certificate is in use already.
    var isActivatedSibling: Bool { sequence > 1 && status != .inactive && status != .deleted }

    /// The second or third certificate waits to be activated.
    var isInactiveSibling: Bool { sequence > 1 && status == .inactive }
}
