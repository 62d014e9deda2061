import RefundMessages

/// The kinds of scenario that a mix is made of: every product and every ending that comes without
/// a long wait.
enum ScenarioKind: Hashable, Sendable {
    /// One line, nothing made of it.
    case unused(Product)
    /// One line in use.
    case used(Product)
    case managedService, twoPayments, partial, allOrNothing
    case voucherOnly, halfPromotion, late, yen
    case metered, exhausted
    /// One line, paid with a card that starts so, and where its money goes in the end.
    case card(String, RefundOutcome.Leg.Route)
    case oneOfTwoCardsClosed

    static let all: [ScenarioKind] =
        Product.allCases.map(Self.unused) + Product.allCases.map(Self.used) + [
            .managedService, .twoPayments, .partial, .allOrNothing, .voucherOnly, .halfPromotion,
            .late, .yen, .metered, .exhausted, .card("card_closed", .balance),
            .card("card_pending", .original), .card("card_fails_later", .balance),
            .card("card_reversed", .balance), .card("card_timeout", .original),
            .card("card_5xx", .original), .card("card_429", .original), .oneOfTwoCardsClosed,
        ]

    /// - Parameter id: of the request, unused before.
    func scenario(_ id: String) -> Scenario {
        var build = ScenarioBuilder(id)
        switch self {
        case .unused(let product):
            build.line(product, cash: 5_000, .unused(product))
            build.payment("card_ok", 5_000)
            return build.ending(.refunded, .original)
        case .used(let product):
            build.line(product, cash: 5_000, .used(product))
            build.payment("card_ok", 5_000)
            let hasSteps = [.certificates, .pca, .gateway].contains(product)
            return build.ending(hasSteps ? .actionRequired : .denied)
        case .card(let card, let route):
            build.line(.monitoring, cash: 700, .unused(.monitoring))
            build.payment(card, 700)
            return build.ending(.refunded, route)
        case .managedService, .twoPayments, .partial, .allOrNothing, .oneOfTwoCardsClosed:
            return severalLines(&build)
        case .voucherOnly, .halfPromotion, .late, .yen, .metered, .exhausted:
            return oneGateway(&build)
        }
    }

    private func severalLines(_ build: inout ScenarioBuilder) -> Scenario {
        switch self {
        case .managedService:
            build.line(.certificates, cash: 5_000, .unused(.certificates))
            build.line(.certificates, cash: 1_000, item: .managedService, parent: "1", nil)
            build.payment("card_ok", 6_000)
            return build.ending(.refunded, .original)
        case .twoPayments, .oneOfTwoCardsClosed:
            build.line(.gateway, cash: 160, .unused(.gateway))
            build.line(.pca, cash: 3_000, .unused(.pca))
            build.payment(self == .twoPayments ? "card_ok" : "card_closed", 2_000)
            build.payment("card_ok", 1_160)
            return build.ending(
                .refunded, self == .twoPayments ? .original : .balance, .original)
        default:
            build.line(.repository, cash: 900, .used(.repository))
            build.line(.gateway, cash: 160, .unused(.gateway))
            build.payment("card_ok", 1_060)
            guard self == .allOrNothing else {
                return build.ending(.partiallyRefunded, .original, amounts: [160])
            }
            build.allOrNothing = true
            return build.ending(.denied)
        }
    }

    private func oneGateway(_ build: inout ScenarioBuilder) -> Scenario {
        let consumed: Int64 = self == .metered ? 60 : self == .exhausted ? 300 : 0
        let isFree = self == .voucherOnly
        build.line(
            .gateway, cash: isFree ? 0 : 160, fee: 160,
            .gateway(domains: consumed > 0 ? 1 : 0, consumed: consumed))
        if !isFree { build.payment("card_ok", 160) }
        switch self {
        case .halfPromotion:
            build.promotion = "promo-half"
            return build.ending(.refunded, .original, amounts: [80])
        case .late:
            build.paidAt = .daysAgo(20)
            return build.ending(.denied)
        case .yen:
            build.currency = "JPY"
            return build.ending(.refunded, .original)
        case .metered:
            build.isApproved = true
            // The vendor page's own example (GW-4): 160 − 160 × 60 / 300.
            return build.ending(.refunded, .original, amounts: [128])
        default:
            return build.ending(.denied)
        }
    }

    /// Scenarios of every kind in turn, in an order that the generator chooses.
    static func mix(
        _ count: Int, prefix: String, using random: inout some RandomNumberGenerator
    ) -> [Scenario] {
        let kinds = all
        return (0..<count).map { kinds[$0 % kinds.count].scenario("\(prefix)-\($0)") }
            .shuffled(using: &random)
    }
}
