import ProductWorker
import RefundMessages
import Testing

@testable import PCA

@Suite("PCA-1 to PCA-3: private CA")
struct PCARulesTests {
    /// `before`, `at` and `after` tell the reset's time relative to the deadline.
    static func authority(
        _ id: String, _ kind: AuthorityFacts.Kind, _ status: AuthorityFacts.Status,
        reset: String? = nil
    ) -> AuthorityFacts {
        let offsets: [String: Int64] = ["before": -1, "at": 0, "after": 1]
        return AuthorityFacts(
            authorityID: id, kind: kind, region: "cn-hangzhou", status: status,
            resetAt: reset.flatMap { offsets[$0] }.map { Sample.deadline.advanced(bySeconds: $0) })
    }

    private func verdict(_ authorities: [AuthorityFacts]) -> LineVerdict? {
        PCARules.verdict(on: .pca(PCAUsage(authorities: authorities)), refundable: 500)
    }

    @Test(
        "PCA-2: no authority enabled is refunded in full; PCA-3 where one was reset in time",
        arguments: [
            ([AuthorityFacts](), ["PCA-2"]),
            ([authority("r", .root, .unused)], ["PCA-2"]),
            ([authority("r", .root, .unused), authority("i", .intermediate, .unused)], ["PCA-2"]),
            ([authority("r", .root, .refunded)], ["PCA-2"]),
            ([authority("r", .root, .reset, reset: "before")], ["PCA-3"]),
            (
                [
                    authority("r", .root, .unused),
                    authority("i", .intermediate, .reset, reset: "before"),
                ], ["PCA-3"]
            ),
            // What is refunded already needs nothing, however late its reset was.
            ([authority("r", .root, .refunded, reset: "after")], ["PCA-3"]),
        ])
    func eligible(authorities: [AuthorityFacts], rules: [String]) {
        let verdict = verdict(authorities)
        #expect(verdict?.verdict == .eligible)
        #expect(verdict?.code == .eligible)
        #expect(verdict?.ruleIDs == rules)
        #expect(verdict?.amount == 500)
    }

    @Test("PCA-3: every enabled authority is reset, intermediates first, then as listed")
    func enabled() {
        let verdict = verdict([
            Self.authority("r1", .root, .enabled),
            Self.authority("i1", .intermediate, .enabled),
            Self.authority("r2", .root, .unused),
            Self.authority("i2", .intermediate, .reset, reset: "before"),
            Self.authority("r3", .root, .enabled),
            Self.authority("i3", .intermediate, .enabled),
            Self.authority("i4", .intermediate, .refunded),
        ])
        #expect(verdict?.verdict == .actionRequired)
        #expect(verdict?.code == .releaseRequired)
        #expect(verdict?.ruleIDs == ["PCA-3"])
        #expect(verdict?.stepTexts == ["reset_ca i1", "reset_ca i3", "reset_ca r1", "reset_ca r3"])
        #expect(verdict?.steps.allSatisfy(\.action.isIrreversible) == true)
        #expect(verdict?.amount == nil)
    }

    @Test(
        "PCA-3: the reset must come before the deadline",
        arguments: [("before", "eligible"), ("at", "reset_too_late"), ("after", "reset_too_late")])
    func resetAround(reset: String, code: String) {
        let verdict = verdict([Self.authority("r", .root, .reset, reset: reset)])
        #expect(verdict?.code.rawValue == code)
        #expect(verdict?.ruleIDs == ["PCA-3"])
    }

    @Test("PCA-3: one enabled again is reset again, and its earlier reset is not judged")
    func enabledAgain() {
        for reset in ["before", "after"] {
            let verdict = verdict([Self.authority("r", .root, .enabled, reset: reset)])
            #expect(verdict?.stepTexts == ["reset_ca r"])
        }
    }

    @Test("PCA-3: a reset that came too late denies, whatever else remains to be done")
    func lateOutweighsSteps() {
        let verdict = verdict([
            Self.authority("i", .intermediate, .enabled),
            Self.authority("r", .root, .reset, reset: "after"),
        ])
        #expect(verdict?.verdict == .denied)
        #expect(verdict?.code == .resetTooLate)
        #expect(verdict?.steps == [])
    }

    @Test("PCA-1: a line without its own facts is unknown, never unused")
    func unknown() {
        #expect(PCARules.verdict(on: nil) == nil)
        #expect(PCARules.verdict(on: .monitoring(everConfigured: false)) == nil)
    }
}
