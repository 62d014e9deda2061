import ProductWorker
import RefundMessages
import Testing

@testable import Deployment
@testable import Monitoring
@testable import Notifications
@testable import Repository

@Suite("NTF-1, MON-1, REPO-1, DEP-1, DEP-2: products refunded only while unused")
struct UnusedOnlyRulesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var rule: String
        var rules: any ProductRules.Type
        var facts: UsageFacts
        var isUsed: Bool
        var testDescription: String { "\(rule) \(facts)" }

        init(
            _ rule: String, _ rules: any ProductRules.Type, _ facts: UsageFacts, isUsed: Bool
        ) {
            self.rule = rule
            self.rules = rules
            self.facts = facts
            self.isUsed = isUsed
        }
    }

    @Test(
        "What was ever used is denied, the rest is refunded in full",
        arguments: [
            Case(
                "NTF-1", NotificationsRules.self, .notifications(everConfigured: false),
                isUsed: false),
            Case(
                "NTF-1", NotificationsRules.self, .notifications(everConfigured: true), isUsed: true
            ),
            Case("MON-1", MonitoringRules.self, .monitoring(everConfigured: false), isUsed: false),
            Case("MON-1", MonitoringRules.self, .monitoring(everConfigured: true), isUsed: true),
            Case("REPO-1", RepositoryRules.self, .repository(apiCallsConsumed: 0), isUsed: false),
            Case("REPO-1", RepositoryRules.self, .repository(apiCallsConsumed: 1), isUsed: true),
            Case(
                "REPO-1", RepositoryRules.self,
                .repository(apiCallsConsumed: 9_007_199_254_740_991), isUsed: true),
            Case(
                "DEP-2", DeploymentRules.self,
                .deployment(quotaKind: .cloudService, tasksCreated: 0), isUsed: false),
            Case(
                "DEP-2", DeploymentRules.self,
                .deployment(quotaKind: .cloudService, tasksCreated: 1), isUsed: true),
            Case(
                "DEP-2", DeploymentRules.self,
                .deployment(quotaKind: .managedCloudProduct, tasksCreated: 0), isUsed: false),
            Case(
                "DEP-2", DeploymentRules.self,
                .deployment(quotaKind: .managedCloudProduct, tasksCreated: 7), isUsed: true),
            Case(
                "DEP-2", DeploymentRules.self,
                .deployment(quotaKind: .cloudServer, tasksCreated: 0), isUsed: false),
            Case(
                "DEP-2", DeploymentRules.self,
                .deployment(quotaKind: .cloudServer, tasksCreated: 2), isUsed: true),
            Case(
                "DEP-2", DeploymentRules.self, .deployment(quotaKind: .multiCloud, tasksCreated: 0),
                isUsed: false),
            Case(
                "DEP-2", DeploymentRules.self, .deployment(quotaKind: .multiCloud, tasksCreated: 3),
                isUsed: true),
        ])
    func judged(given: Case) {
        let verdict = given.rules.verdict(on: given.facts, refundable: 250)
        #expect(verdict?.verdict == (given.isUsed ? .denied : .eligible))
        #expect(verdict?.code == (given.isUsed ? .inUse : .eligible))
        #expect(verdict?.ruleIDs == [given.rule])
        #expect(verdict?.amount == (given.isUsed ? nil : 250))
        #expect(verdict?.steps == [])
    }

    @Test("DEP-1: a deployment quota is of one of four kinds")
    func quotaKinds() {
        #expect(
            DeploymentQuotaKind.allCases.map(\.rawValue).sorted() == [
                "cloud_server", "cloud_service", "managed_cloud_product", "multi_cloud",
            ])
        #expect(DeploymentQuotaKind(rawValue: "on_premises") == nil)
    }

    @Test(
        "A line without its own facts is unknown, never unused",
        arguments: [
            Case(
                "NTF-1", NotificationsRules.self, .monitoring(everConfigured: false), isUsed: false),
            Case(
                "MON-1", MonitoringRules.self, .notifications(everConfigured: false), isUsed: false),
            Case("REPO-1", RepositoryRules.self, .pca(PCAUsage(authorities: [])), isUsed: false),
            Case("DEP-2", DeploymentRules.self, .repository(apiCallsConsumed: 0), isUsed: false),
        ])
    func unknown(given: Case) {
        #expect(given.rules.verdict(on: nil) == nil)
        #expect(given.rules.verdict(on: given.facts) == nil)
    }
}
