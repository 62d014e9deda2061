extension Wording {
    /// A product's name for people.
    public static func name(of product: Product) -> LocalizedText {
        switch product {
        case .certificates: LocalizedText(en: "SSL certificates", ja: "SSL 証明書")
        case .pca: LocalizedText(en: "Private CA", ja: "プライベート認証局 (PCA)")
        case .gateway:
            LocalizedText(en: "HTTPS acceleration gateway", ja: "HTTPS アクセラレーションゲートウェイ")
        case .notifications: LocalizedText(en: "Message notifications", ja: "メッセージ通知")
        case .monitoring:
            LocalizedText(en: "Public domain name monitoring", ja: "パブリックドメイン名モニタリング")
        case .repository:
            LocalizedText(en: "Certificate application repository", ja: "証明書申請リポジトリ")
        case .deployment: LocalizedText(en: "Deployment to cloud products", ja: "クラウド製品へのデプロイ")
        }
    }

    /// A verdict on one line, in a word or two.
    public static func name(of verdict: Verdict) -> LocalizedText {
        switch verdict {
        case .eligible: LocalizedText(en: "eligible", ja: "返金対象")
        case .denied: LocalizedText(en: "denied", ja: "返金不可")
        case .actionRequired: LocalizedText(en: "action required", ja: "要手続き")
        case .review: LocalizedText(en: "in review", ja: "審査中")
        }
    }

    /// The status of a whole outcome, in a word or two.
    public static func name(of status: RefundOutcome.Status) -> LocalizedText {
        switch status {
        case .refunded: LocalizedText(en: "refunded", ja: "払い戻し成功")
        case .partiallyRefunded: LocalizedText(en: "partially refunded", ja: "一部払い戻し成功")
        case .denied: LocalizedText(en: "denied", ja: "返金不可")
        case .actionRequired: LocalizedText(en: "action required", ja: "要手続き")
        case .inReview: LocalizedText(en: "in review", ja: "審査中")
        case .settling: LocalizedText(en: "settling", ja: "払い戻し処理中")
        case .advice: LocalizedText(en: "advice", ja: "事前確認")
        case .settlementException: LocalizedText(en: "settlement exception", ja: "払い戻し要対応")
        }
    }
}
