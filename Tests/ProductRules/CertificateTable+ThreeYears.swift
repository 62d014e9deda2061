extension CertificateTable {
    /// SSL-8 for three years: every state of the first with the second and the third.
    static let threeYears = rows(
        years: 3,
        """
        - | SSL-5: eligible
        pending_application inactive inactive | SSL-6 SSL-8: cancel:1
        under_review inactive inactive | SSL-6 SSL-8: withdraw:1 cancel:1
        review_failed inactive inactive | SSL-6 SSL-8: revise:1 submit:1 withdraw:1 cancel:1
        issued inactive inactive | SSL-6 SSL-8: drop:2 drop:3 revoke:1 await:1 delete:1
        revocation_under_review inactive inactive | SSL-6 SSL-8: drop:2 drop:3 await:1 delete:1
        revoked< inactive inactive | SSL-6 SSL-8: drop:2 drop:3 delete:1
        revoked= inactive inactive | SSL-2: revocation_too_late
        revoked> inactive inactive | SSL-2: revocation_too_late
        deleted inactive inactive | SSL-6 SSL-8: drop:2 drop:3
        deleted< inactive inactive | SSL-6 SSL-8: drop:2 drop:3
        deleted= inactive inactive | SSL-2: revocation_too_late
        deleted> inactive inactive | SSL-2: revocation_too_late
        deleted! inactive inactive | SSL-2: revocation_too_late
        pending_application inactive deleted | SSL-6 SSL-8: cancel:1
        under_review inactive deleted | SSL-6 SSL-8: withdraw:1 cancel:1
        review_failed inactive deleted | SSL-6 SSL-8: revise:1 submit:1 withdraw:1 cancel:1
        issued inactive deleted | SSL-6 SSL-8: drop:2 revoke:1 await:1 delete:1
        revocation_under_review inactive deleted | SSL-6 SSL-8: drop:2 await:1 delete:1
        revoked< inactive deleted | SSL-6 SSL-8: drop:2 delete:1
        revoked= inactive deleted | SSL-2: revocation_too_late
        revoked> inactive deleted | SSL-2: revocation_too_late
        deleted inactive deleted | SSL-6 SSL-8: drop:2
        deleted< inactive deleted | SSL-6 SSL-8: drop:2
        deleted= inactive deleted | SSL-2: revocation_too_late
        deleted> inactive deleted | SSL-2: revocation_too_late
        deleted! inactive deleted | SSL-2: revocation_too_late
        pending_application deleted inactive | SSL-6 SSL-8: cancel:1
        under_review deleted inactive | SSL-6 SSL-8: withdraw:1 cancel:1
        review_failed deleted inactive | SSL-6 SSL-8: revise:1 submit:1 withdraw:1 cancel:1
        issued deleted inactive | SSL-6 SSL-8: drop:3 revoke:1 await:1 delete:1
        revocation_under_review deleted inactive | SSL-6 SSL-8: drop:3 await:1 delete:1
        revoked< deleted inactive | SSL-6 SSL-8: drop:3 delete:1
        revoked= deleted inactive | SSL-2: revocation_too_late
        revoked> deleted inactive | SSL-2: revocation_too_late
        deleted deleted inactive | SSL-6 SSL-8: drop:3
        deleted< deleted inactive | SSL-6 SSL-8: drop:3
        deleted= deleted inactive | SSL-2: revocation_too_late
        deleted> deleted inactive | SSL-2: revocation_too_late
        deleted! deleted inactive | SSL-2: revocation_too_late
        pending_application deleted deleted | SSL-6 SSL-8: cancel:1
        under_review deleted deleted | SSL-6 SSL-8: withdraw:1 cancel:1
        review_failed deleted deleted | SSL-6 SSL-8: revise:1 submit:1 withdraw:1 cancel:1
        issued deleted deleted | SSL-6 SSL-8: revoke:1 await:1 delete:1
        revocation_under_review deleted deleted | SSL-6 SSL-8: await:1 delete:1
        revoked< deleted deleted | SSL-6 SSL-8: delete:1
        revoked= deleted deleted | SSL-2: revocation_too_late
        revoked> deleted deleted | SSL-2: revocation_too_late
        deleted deleted deleted | SSL-5: eligible
        deleted< deleted deleted | SSL-2 SSL-5: eligible
        deleted= deleted deleted | SSL-2: revocation_too_late
        deleted> deleted deleted | SSL-2: revocation_too_late
        deleted! deleted deleted | SSL-2: revocation_too_late
        pending_application issued inactive | SSL-8: sibling_activated
        under_review issued inactive | SSL-8: sibling_activated
        review_failed issued inactive | SSL-8: sibling_activated
        issued issued inactive | SSL-8: sibling_activated
        revocation_under_review issued inactive | SSL-8: sibling_activated
        revoked< issued inactive | SSL-8: sibling_activated
        revoked= issued inactive | SSL-2: revocation_too_late
        revoked> issued inactive | SSL-2: revocation_too_late
        deleted issued inactive | SSL-8: sibling_activated
        deleted< issued inactive | SSL-8: sibling_activated
        deleted= issued inactive | SSL-2: revocation_too_late
        deleted> issued inactive | SSL-2: revocation_too_late
        deleted! issued inactive | SSL-2: revocation_too_late
        pending_application inactive pending_application | SSL-8: sibling_activated
        under_review inactive pending_application | SSL-8: sibling_activated
        review_failed inactive pending_application | SSL-8: sibling_activated
        issued inactive pending_application | SSL-8: sibling_activated
        revocation_under_review inactive pending_application | SSL-8: sibling_activated
        revoked< inactive pending_application | SSL-8: sibling_activated
        revoked= inactive pending_application | SSL-2: revocation_too_late
        revoked> inactive pending_application | SSL-2: revocation_too_late
        deleted inactive pending_application | SSL-8: sibling_activated
        deleted< inactive pending_application | SSL-8: sibling_activated
        deleted= inactive pending_application | SSL-2: revocation_too_late
        deleted> inactive pending_application | SSL-2: revocation_too_late
        deleted! inactive pending_application | SSL-2: revocation_too_late
        pending_application inactive deleted> | SSL-2: revocation_too_late
        under_review inactive deleted> | SSL-2: revocation_too_late
        review_failed inactive deleted> | SSL-2: revocation_too_late
        issued inactive deleted> | SSL-2: revocation_too_late
        revocation_under_review inactive deleted> | SSL-2: revocation_too_late
        revoked< inactive deleted> | SSL-2: revocation_too_late
        revoked= inactive deleted> | SSL-2: revocation_too_late
        revoked> inactive deleted> | SSL-2: revocation_too_late
        deleted inactive deleted> | SSL-2: revocation_too_late
        deleted< inactive deleted> | SSL-2: revocation_too_late
        deleted= inactive deleted> | SSL-2: revocation_too_late
        deleted> inactive deleted> | SSL-2: revocation_too_late
        deleted! inactive deleted> | SSL-2: revocation_too_late
        """)
}
