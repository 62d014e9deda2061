import RefundMessages
import RefundService
import WorkerRuntime

/// The orchestrator's own settings, by key.
enum OrchestratorSetting {
    static let sandboxURL = "sandbox.url"
    static let policyFile = "policy.file"
    static let orderWait = "order.wait"
    static let requestMaxAge = "request.maxAge"
    static let settlementBudget = "settlement.budget"
    static let settlementPoll = "settlement.poll"

    static let all =
        DatabaseSetting.settings("the cases and the ledger")
        + [
            Setting(
                sandboxURL,
                "sqlite:///path or postgres://user@host/database of the sandbox provider's refunds, "
                    + "which all orchestrators share; "
                    + "<data.dir>/sandbox.sqlite where it is not set."),
            Setting(policyFile, default: "deploy/refund-policy.yaml", "The refund policy, YAML."),
            Setting(orderWait, default: "10s", "How long a request waits for its order."),
            Setting(requestMaxAge, default: "30d", "The oldest requestedAt that is accepted."),
            Setting(
                settlementBudget, default: "1d",
                "How long a payment whose outcome is unknown is tried before an operator must act."),
            Setting(
                settlementPoll, default: "10s",
                "When a refund that its provider has not finished is first asked for; then ever more "
                    + "rarely."),
            SecondPersonLimit.setting,
            AccessTokens.setting,
        ] + StripeSetting.all
}

/// The orchestrator's configuration, read and checked.
struct OrchestratorSettings: Sendable {
    let policy: RefundPolicy
    let intake: IntakeLimits
    let settlement: SettlementLimits
    let secondPerson: SecondPersonLimit
    let tokens: AccessTokens
    /// Nil where no key is configured.
    let stripe: StripeConfiguration?

    /// - Throws: a sentence that names the setting, or the policy's line, and what is wrong.
    init(_ context: ServiceContext) throws {
        let settings = context.settings
        let policyFile = try settings.string(OrchestratorSetting.policyFile)
        do {
            policy = try RefundPolicy.load(file: policyFile)
        } catch {
            throw ConfigurationFault("\(error)")
        }
        intake = IntakeLimits(
            maxAge: try settings.seconds(
                OrchestratorSetting.requestMaxAge, in: .seconds(60) ... .seconds(3650 * 86_400)),
            orderWait: try settings.seconds(
                OrchestratorSetting.orderWait, in: .zero ... .seconds(3600)))
        settlement = SettlementLimits(
            budget: try settings.seconds(
                OrchestratorSetting.settlementBudget, in: .seconds(1) ... .seconds(30 * 86_400)),
            firstPoll: try settings.seconds(
                OrchestratorSetting.settlementPoll, in: .seconds(1) ... .seconds(3600)))
        secondPerson = try SecondPersonLimit(settings)
        tokens = try context.accessTokens()
        stripe = try StripeConfiguration(settings)
    }
}

extension Settings {
    fileprivate func seconds(_ key: String, in range: ClosedRange<Duration>) throws -> Int64 {
        try duration(key, in: range).components.seconds
    }
}
