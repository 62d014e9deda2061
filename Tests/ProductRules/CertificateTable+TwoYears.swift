extension CertificateTable {
    /// SSL-8 for two years: every state of the first with every kind of second certificate.
    static let twoYears = rows(
        years: 2,
        """
        - | SSL-5: eligible
        pending_application | SSL-6 SSL-8: cancel:1
        under_review | SSL-6 SSL-8: withdraw:1 cancel:1
        review_failed | SSL-6 SSL-8: revise:1 submit:1 withdraw:1 cancel:1
        issued | SSL-6 SSL-8: revoke:1 await:1 delete:1
        revocation_under_review | SSL-6 SSL-8: await:1 delete:1
        revoked< | SSL-6 SSL-8: delete:1
        revoked= | SSL-2: revocation_too_late
        revoked> | SSL-2: revocation_too_late
        deleted | SSL-5: eligible
        deleted< | SSL-2 SSL-5: eligible
        deleted= | SSL-2: revocation_too_late
        deleted> | SSL-2: revocation_too_late
        deleted! | SSL-2: revocation_too_late
        pending_application inactive | SSL-6 SSL-8: cancel:1
        under_review inactive | SSL-6 SSL-8: withdraw:1 cancel:1
        review_failed inactive | SSL-6 SSL-8: revise:1 submit:1 withdraw:1 cancel:1
        issued inactive | SSL-6 SSL-8: drop:2 revoke:1 await:1 delete:1
        revocation_under_review inactive | SSL-6 SSL-8: drop:2 await:1 delete:1
        revoked< inactive | SSL-6 SSL-8: drop:2 delete:1
        revoked= inactive | SSL-2: revocation_too_late
        revoked> inactive | SSL-2: revocation_too_late
        deleted inactive | SSL-6 SSL-8: drop:2
        deleted< inactive | SSL-6 SSL-8: drop:2
        deleted= inactive | SSL-2: revocation_too_late
        deleted> inactive | SSL-2: revocation_too_late
        deleted! inactive | SSL-2: revocation_too_late
        pending_application deleted | SSL-6 SSL-8: cancel:1
        under_review deleted | SSL-6 SSL-8: withdraw:1 cancel:1
        review_failed deleted | SSL-6 SSL-8: revise:1 submit:1 withdraw:1 cancel:1
        issued deleted | SSL-6 SSL-8: revoke:1 await:1 delete:1
        revocation_under_review deleted | SSL-6 SSL-8: await:1 delete:1
        revoked< deleted | SSL-6 SSL-8: delete:1
        revoked= deleted | SSL-2: revocation_too_late
        revoked> deleted | SSL-2: revocation_too_late
        deleted deleted | SSL-5: eligible
        deleted< deleted | SSL-2 SSL-5: eligible
        deleted= deleted | SSL-2: revocation_too_late
        deleted> deleted | SSL-2: revocation_too_late
        deleted! deleted | SSL-2: revocation_too_late
        pending_application issued | SSL-8: sibling_activated
        under_review issued | SSL-8: sibling_activated
        review_failed issued | SSL-8: sibling_activated
        issued issued | SSL-8: sibling_activated
        revocation_under_review issued | SSL-8: sibling_activated
        revoked< issued | SSL-8: sibling_activated
        revoked= issued | SSL-2: revocation_too_late
        revoked> issued | SSL-2: revocation_too_late
        deleted issued | SSL-8: sibling_activated
        deleted< issued | SSL-8: sibling_activated
        deleted= issued | SSL-2: revocation_too_late
        deleted> issued | SSL-2: revocation_too_late
        deleted! issued | SSL-2: revocation_too_late
        pending_application revoked< | SSL-8: sibling_activated
        under_review revoked< | SSL-8: sibling_activated
        review_failed revoked< | SSL-8: sibling_activated
        issued revoked< | SSL-8: sibling_activated
        revocation_under_review revoked< | SSL-8: sibling_activated
        revoked< revoked< | SSL-8: sibling_activated
        revoked= revoked< | SSL-2: revocation_too_late
        revoked> revoked< | SSL-2: revocation_too_late
        deleted revoked< | SSL-8: sibling_activated
        deleted< revoked< | SSL-8: sibling_activated
        deleted= revoked< | SSL-2: revocation_too_late
        deleted> revoked< | SSL-2: revocation_too_late
        deleted! revoked< | SSL-2: revocation_too_late
        pending_application revoked> | SSL-2: revocation_too_late
        under_review revoked> | SSL-2: revocation_too_late
        review_failed revoked> | SSL-2: revocation_too_late
        issued revoked> | SSL-2: revocation_too_late
        revocation_under_review revoked> | SSL-2: revocation_too_late
        revoked< revoked> | SSL-2: revocation_too_late
        revoked= revoked> | SSL-2: revocation_too_late
        revoked> revoked> | SSL-2: revocation_too_late
        deleted revoked> | SSL-2: revocation_too_late
        deleted< revoked> | SSL-2: revocation_too_late
        deleted= revoked> | SSL-2: revocation_too_late
        deleted> revoked> | SSL-2: revocation_too_late
        deleted! revoked> | SSL-2: revocation_too_late
        pending_application deleted< | SSL-6 SSL-8: cancel:1
        under_review deleted< | SSL-6 SSL-8: withdraw:1 cancel:1
        review_failed deleted< | SSL-6 SSL-8: revise:1 submit:1 withdraw:1 cancel:1
        issued deleted< | SSL-6 SSL-8: revoke:1 await:1 delete:1
        revocation_under_review deleted< | SSL-6 SSL-8: await:1 delete:1
        revoked< deleted< | SSL-6 SSL-8: delete:1
        revoked= deleted< | SSL-2: revocation_too_late
        revoked> deleted< | SSL-2: revocation_too_late
        deleted deleted< | SSL-2 SSL-5: eligible
        deleted< deleted< | SSL-2 SSL-5: eligible
        deleted= deleted< | SSL-2: revocation_too_late
        deleted> deleted< | SSL-2: revocation_too_late
        deleted! deleted< | SSL-2: revocation_too_late
        pending_application deleted! | SSL-2: revocation_too_late
        under_review deleted! | SSL-2: revocation_too_late
        review_failed deleted! | SSL-2: revocation_too_late
        issued deleted! | SSL-2: revocation_too_late
        revocation_under_review deleted! | SSL-2: revocation_too_late
        revoked< deleted! | SSL-2: revocation_too_late
        revoked= deleted! | SSL-2: revocation_too_late
        revoked> deleted! | SSL-2: revocation_too_late
        deleted deleted! | SSL-2: revocation_too_late
        deleted< deleted! | SSL-2: revocation_too_late
        deleted= deleted! | SSL-2: revocation_too_late
        deleted> deleted! | SSL-2: revocation_too_late
        deleted! deleted! | SSL-2: revocation_too_late
        """)
}
