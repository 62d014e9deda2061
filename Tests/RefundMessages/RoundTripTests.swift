import RefundMessages
import Testing

/// What is read from the wire is written back byte for byte: field names, order, nulls, formats.
@Suite struct RoundTripTests {
    @Test func aRequestIsWrittenAsItWasRead() throws {
        #expect(text(try RefundRequest.decode(bytes(Samples.request)).encode()) == Samples.request)
    }

    @Test func anOrderIsWrittenAsItWasRead() throws {
        #expect(text(try OrderPaid.decode(bytes(Samples.order)).encode()) == Samples.order)
    }

    @Test func aDecisionIsWrittenAsItWasRead() throws {
        #expect(
            text(try ReviewDecision.decode(bytes(Samples.decision)).encode()) == Samples.decision)
    }

    @Test func aCheckIsWrittenAsItWasRead() throws {
        #expect(text(try RefundCheck.decode(bytes(Samples.check)).encode()) == Samples.check)
    }

    @Test func aResultIsWrittenAsItWasRead() throws {
        #expect(text(try RefundResult.decode(bytes(Samples.result)).encode()) == Samples.result)
    }

    @Test func aSettlementOrderIsWrittenAsItWasRead() throws {
        #expect(text(try SettleLeg.decode(bytes(Samples.settle)).encode()) == Samples.settle)
    }

    @Test func aPaymentNoticeIsWrittenAsItWasRead() throws {
        #expect(text(try PaymentNotice.decode(bytes(Samples.notice)).encode()) == Samples.notice)
    }

    @Test(arguments: Product.allCases) func usageIsWrittenAsItWasRead(_ product: Product) throws {
        let sample = try #require(Samples.usage[product])
        #expect(text(try Usage.decode(bytes(sample), product: product).encode()) == sample)
    }

    @Test func anOutcomeIsReadAsItWasWritten() throws {
        #expect(try RefundOutcome.decode(Samples.outcome.encode()) == Samples.outcome)
    }

    /// The contract's own example, field by field.
    @Test func anOutcomeHasTheContractsShape() {
        let line = Wording.text(for: LineCode.reviewApproved)
        let help = Wording.text(for: LineCode.releaseRequired)
        let reset = Wording.text(for: StepAction.resetCA)
        let wait = Wording.text(for: StepAction.awaitRevocation)
        let expected = """
            {"requestId":"r-1","orderId":"o-1","accountId":"a-1","revision":2,"status":"refunded",\
            "final":true,"code":null,"orderStatus":"refund_succeeded","lines":[\
            {"lineId":"1","product":"gateway","verdict":"eligible","code":"review_approved",\
            "rules":["GW-4"],"amount":128,"steps":[],"resourceStatus":null,\
            "text":{"en":"\(line.en)","ja":"\(line.ja)"}},\
            {"lineId":"2","product":"pca","verdict":"action_required","code":"release_required",\
            "rules":["PCA-3"],"amount":null,"steps":[{"action":"reset_ca","target":"ca-1",\
            "irreversible":true,"deadline":"2026-11-27T16:00:00Z",\
            "text":{"en":"\(reset.en)","ja":"\(reset.ja)"}},\
            {"action":"await_revocation","target":null,"irreversible":false,\
            "expectedBy":"2026-11-27T16:00:00Z","deadline":"2026-11-27T16:00:00Z",\
            "mayMissDeadline":false,"text":{"en":"\(wait.en)","ja":"\(wait.ja)"}}],\
            "resourceStatus":"refunded","text":{"en":"\(help.en)","ja":"\(help.ja)"}}],\
            "refund":{"amount":128,"currency":"USD","legs":[{"paymentId":"p-1","amount":128,\
            "route":"original","status":"succeeded","reference":"re_1"}]},\
            "deadline":"2026-11-27T16:00:00Z","decidedAt":"2026-11-18T11:06:40.12Z",\
            "settledAt":null,"policyVersion":"2026-01"}
            """
        #expect(text(Samples.outcome.encode()) == expected)
    }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
