import RefundMessages
import Testing

@Suite("What customers read")
struct WordingTests {
    @Test("Every code has one sentence in each language", arguments: LineCode.allCases)
    func codes(code: LineCode) { expectSentences(Wording.text(for: code)) }

    @Test("Every step has one sentence in each language", arguments: StepAction.allCases)
    func steps(action: StepAction) { expectSentences(Wording.text(for: action)) }

    @Test("Every outcome's code has one sentence in each language", arguments: OutcomeCode.allCases)
    func outcomes(code: OutcomeCode) { expectSentences(Wording.text(for: code)) }

    @Test(
        "Every exception has one sentence in each language for who works it off",
        arguments: SettlementExceptionReason.allCases)
    func exceptions(reason: SettlementExceptionReason) {
        expectSentences(Wording.text(for: reason))
    }

    @Test(
        "Every effect of an operator's action has one sentence in each language",
        arguments: ExceptionActionEffect.allCases)
    func effects(effect: ExceptionActionEffect) { expectSentences(Wording.text(for: effect)) }

    @Test("No two codes or steps say the same")
    func distinct() {
        let texts =
            LineCode.allCases.map { Wording.text(for: $0) }
            + StepAction.allCases.map { Wording.text(for: $0) }
        #expect(Set(texts.map(\.en)).count == texts.count)
        #expect(Set(texts.map(\.ja)).count == texts.count)
        let names =
            Product.allCases.map { Wording.name(of: $0) }
            + RefundOutcome.Status.allCases.map { Wording.name(of: $0) }
        #expect(Set(names.map(\.en)).count == names.count)
        #expect(Set(names.map(\.ja)).count == names.count)
        let verdicts = Verdict.allCases.map { Wording.name(of: $0) }
        #expect(Set(verdicts.map(\.ja)).count == verdicts.count)
    }

    @Test(
        "A step names its button or status as the vendor's console does",
        arguments: [
            (StepAction.cancelApplication, "申請のキャンセル"), (.withdrawApplication, "Withdraw"),
            (.withdrawApplication, "保留中の申請"), (.reviseApplication, "改訂"),
            (.submitForReview, "レビューのために送信"), (.revokeCertificate, "失効"),
            (.revokeCertificate, "回復できません"), (.awaitRevocation, "失効"),
            (.awaitRevocation, "最大 5 営業日"), (.deleteCertificate, "削除"),
            (.cancelInactiveCertificate, "ない活性化"), (.cancelInactiveCertificate, "キャンセル"),
            (.resetGateway, "リセット"), (.resetCA, "リセット"), (.resetCA, "すべてのデータが削除され"),
        ])
    func vendorTerms(action: StepAction, term: String) {
        #expect(Wording.text(for: action).ja.contains(term))
    }

    @Test(
        "A code's sentence uses the vendor page's own words",
        arguments: [
            (LineCode.windowClosed, "返金期限"), (.promotionNotRefundable, "プロモーション注文"),
            (.noCashPaid, "バウチャーやクーポン"), (.revocationTooLate, "失効審査"),
            (.mergedCertificate, "証明書の合併"), (.managedServiceAlone, "マネージドサービスのみを個別に返金"),
            (.meteredUsage, "アカウントマネージャー"), (.meteredUsage, "GRCQ"),
            (.releaseRequired, "リリース"), (.alreadyRefunded, "払い戻し"),
        ])
    func vendorTerms(code: LineCode, term: String) {
        #expect(Wording.text(for: code).ja.contains(term))
    }

    private func expectSentences(_ text: LocalizedText) {
        #expect(text.en.hasSuffix(".") && text.en.first?.isUppercase == true)
        #expect(text.en.unicodeScalars.allSatisfy { $0.isASCII || "–".unicodeScalars.contains($0) })
        #expect(text.ja.hasSuffix("。"))
        #expect(!text.en.contains("  ") && !text.ja.contains("  "))
        // Hiragana: the Japanese is Japanese.
        #expect(text.ja.unicodeScalars.contains { (0x3041...0x3096).contains($0.value) })
    }
}
