extension Wording {
    /// One imperative sentence for a step that remains.
    public static func text(for action: StepAction) -> LocalizedText {
        switch action {
        case .cancelApplication:
            LocalizedText(
                en:
                    "Cancel the application: click Cancel Application beside it, then OK.",
                ja: "証明書の「操作」列にある「申請のキャンセル」をクリックし、申請をキャンセルしてください。")
        case .withdrawApplication:
            LocalizedText(
                en: "Withdraw the application under review: click Withdraw beside the certificate, "
                    + "then OK.",
                ja: "証明書の「操作」列にある「Withdraw」をクリックし、リクエストを取り消して「保留中の申請」に戻してください。")
        case .reviseApplication:
            LocalizedText(
                en:
                    "Open the application whose review failed: click Revise beside it.",
                ja: "証明書の「操作」列にある「改訂」をクリックし、リクエスト情報を開いてください。")
        case .submitForReview:
            LocalizedText(
                en: "Submit the application again: click Submit for Review in the application "
                    + "panel, correcting what it asks for.",
                ja: "「証明書申請」パネルで「レビューのために送信」をクリックし、プロンプトに従って審査リクエストを送信してください。")
        case .revokeCertificate:
            LocalizedText(
                en: "Revoke the certificate: click More > Revoke beside it and confirm; a revoked "
                    + "certificate cannot be recovered.",
                ja: "証明書の「操作」列で「その他 > 失効」をクリックし、証明書を失効させてください(失効した証明書は回復できません)。")
        case .awaitRevocation:
            LocalizedText(
                en: "Wait until the revocation review (up to 5 business days) is completed and the "
                    + "certificate shows as revoked.",
                ja: "失効審査 (最大 5 営業日) が完了し、証明書のステータスが「失効」に変わるまでお待ちください。")
        case .deleteCertificate:
            LocalizedText(
                en: "Delete the certificate from the certificate list: click Delete beside it and "
                    + "confirm.",
                ja: "証明書の「操作」列にある「削除」をクリックし、証明書を証明書リストから削除してください。")
        case .cancelInactiveCertificate:
            LocalizedText(
                en: "Cancel this certificate, which is not yet activated: click Cancel beside it, "
                    + "then OK.",
                ja: "「ない活性化」状態の証明書について、「操作」列の「キャンセル」をクリックし、証明書をキャンセルしてください。")
        case .resetGateway:
            LocalizedText(
                en: "Reset the HTTPS acceleration gateway instance: click Reset beside it on the "
                    + "domain name management tab.",
                ja: "「ドメイン名の管理」タブで対象のインスタンスの「リセット」をクリックし、HTTPS アクセラレーションゲートウェイをリセットしてください。")
        case .resetCA:
            LocalizedText(
                en: "Reset this CA and confirm: all its data is deleted and cannot be recovered.",
                ja: "「プライベートca」タブで対象の CA の「リセット」をクリックし、CA をリセットしてください(すべてのデータが削除され、元に戻せません)。")
        }
    }
}
