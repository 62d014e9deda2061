import Foundation
import Testing

@testable import Orchestrator

@Suite("The policy file")
struct RefundPolicyTests {
    @Test("The policy in deploy is the one the samples speak of")
    func shipped() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let policy = try RefundPolicy.load(file: root.path + "/deploy/refund-policy.yaml")
        #expect(policy.zone.identifier == "Asia/Shanghai")
        #expect(policy.windowDays == 7)
        #expect(!policy.version.isEmpty)
        #expect(
            policy.promotions == [
                "promo-nonrefundable": PromotionTerms(refundable: false),
                "promo-window-3d": PromotionTerms(windowDays: 3),
                "promo-half": PromotionTerms(refundablePercent: 50),
            ])
    }

    @Test("Promotions may be left out, and a promotion may have no terms of its own")
    func smallest() throws {
        let policy = try RefundPolicy.load(yaml: "{version: v1, zone: UTC, windowDays: 0}")
        #expect(policy.promotions.isEmpty)
        let yaml = "{version: v1, zone: UTC, windowDays: 3650, promotions: {p: {}}}"
        #expect(try RefundPolicy.load(yaml: yaml).promotions == ["p": PromotionTerms()])
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var yaml: String
        var code: PolicyFault.Code
        var line: Int
        var column: Int

        init(
            _ name: String, _ yaml: String, _ code: PolicyFault.Code, at line: Int, _ column: Int
        ) {
            testDescription = name
            self.yaml = yaml
            self.code = code
            self.line = line
            self.column = column
        }
    }

    private static let head = "version: \"1\"\nzone: UTC\nwindowDays: 7\n"

    @Test(
        "A fault is named with its file, line and column",
        arguments: [
            Fault("an empty file", "", .notYAML, at: 1, 1),
            Fault("not a mapping", "- 1\n", .wrongType, at: 1, 1),
            Fault("not YAML", head + "promotions: {a: \n", .notYAML, at: 5, 1),
            Fault("a tab", head + "promotions:\n\tp: {}\n", .notYAML, at: 5, 1),
            Fault("a key twice", head + "zone: UTC\n", .notYAML, at: 2, 1),
            Fault("no zone", "version: v\nwindowDays: 7\n", .missingKey, at: 1, 1),
            Fault("an unknown key", head + "windowdays: 3\n", .unknownKey, at: 4, 1),
            Fault(
                "a number as version", "zone: UTC\nversion: 1\nwindowDays: 7", .wrongType, at: 2, 10
            ),
            Fault(
                "an empty version", "zone: UTC\nversion: ''\nwindowDays: 7", .wrongType, at: 2, 10),
            Fault(
                "an unknown zone", "version: v\nwindowDays: 7\nzone: Mars/Base", .unknownZone,
                at: 3, 7),
            Fault(
                "a zone's abbreviation", "version: v\nwindowDays: 7\nzone: PST", .unknownZone,
                at: 3, 7),
            Fault(
                "a text as number", "version: v\nzone: UTC\nwindowDays: '7'", .wrongType, at: 3, 13),
            Fault("a fraction", "version: v\nzone: UTC\nwindowDays: 7.0", .wrongType, at: 3, 13),
            Fault(
                "below the range", "version: v\nzone: UTC\nwindowDays: -1", .outOfRange, at: 3, 13),
            Fault(
                "above the range", "version: v\nzone: UTC\nwindowDays: 3651", .outOfRange, at: 3, 13
            ),
            Fault("promotions as a list", head + "promotions: [p]\n", .wrongType, at: 4, 13),
            Fault("a promotion without terms", head + "promotions:\n  p:\n", .wrongType, at: 5, 5),
            Fault(
                "a promotion id that is none", head + "promotions:\n  'a b': {}\n", .unknownKey,
                at: 5, 3),
            Fault(
                "an unknown term", head + "promotions:\n  p:\n    percent: 5\n", .unknownKey, at: 6,
                5),
            Fault(
                "yes for true", head + "promotions:\n  p:\n    refundable: yes\n", .wrongType,
                at: 6, 17),
            Fault(
                "101 percent", head + "promotions:\n  p: {refundablePercent: 101}\n", .outOfRange,
                at: 5, 26),
            Fault(
                "a promotion's window", head + "promotions:\n  p: {windowDays: 4000}\n",
                .outOfRange, at: 5, 19),
        ])
    func faults(fault: Fault) {
        let thrown = #expect(throws: PolicyFault.self) {
            try RefundPolicy.load(yaml: fault.yaml, file: "policy.yaml")
        }
        #expect(thrown?.code == fault.code)
        #expect(thrown?.line == fault.line)
        #expect(thrown?.column == fault.column)
        let place = "policy.yaml:\(fault.line):\(fault.column): "
        #expect(thrown?.description.hasPrefix(place) == true)
    }

    @Test("A file that is not there is said so")
    func missingFile() {
        let thrown = #expect(throws: PolicyFault.self) {
            try RefundPolicy.load(file: "/nonexistent/policy.yaml")
        }
        #expect(thrown?.code == .unreadable)
        #expect(thrown?.description.hasPrefix("/nonexistent/policy.yaml: ") == true)
    }
}
