extension CertificateTable {
    /// SSL-5 to SSL-7 for a one-year certificate: every state.
    static let oneYear = rows(
        years: 1,
        """
        - | SSL-5: eligible
        pending_application | SSL-6 SSL-7: cancel:1
        under_review | SSL-6 SSL-7: withdraw:1 cancel:1
        review_failed | SSL-6 SSL-7: revise:1 submit:1 withdraw:1 cancel:1
        issued | SSL-6 SSL-7: revoke:1 await:1 delete:1
        revocation_under_review | SSL-6 SSL-7: await:1 delete:1
        revoked< | SSL-6 SSL-7: delete:1
        revoked= | SSL-2: revocation_too_late
        revoked> | SSL-2: revocation_too_late
        deleted | SSL-5: eligible
        deleted< | SSL-2 SSL-5: eligible
        deleted= | SSL-2: revocation_too_late
        deleted> | SSL-2: revocation_too_late
        deleted! | SSL-2: revocation_too_late
        """)
}
