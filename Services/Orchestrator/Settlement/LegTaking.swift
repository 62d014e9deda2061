import RefundMessages

/// Begins legs, as far as their providers' lanes have room. Lives for one transaction.
struct LegTaking {
    /// Calls that each lane still takes.
    private var free: [ProviderLane: Int]
    private var seen: Set<String> = []
    private(set) var calls: [ProviderCall] = []
    private(set) var waiting: [(wish: LegWish, lane: ProviderLane)] = []

    init(free: [ProviderLane: Int]) { self.free = free }

    /// Begins the leg, has it wait, or passes over one that is not due.
    mutating func take(
        _ wish: LegWish, of value: inout RefundCase, now: Instant, limits: SettlementLimits
    ) throws -> [CaseEffect] {
        guard let index = value.indexOfLeg(wish.legID), seen.insert(wish.legID).inserted else {
            return []
        }
        let lane = value.legs[index].lane
        guard free[lane, default: 0] > 0 else {
            if value.legs[index].isDue(now: now) { waiting.append((wish, lane)) }
            return []
        }
        let begun = try value.apply(.begin, to: wish.legID, now: now, limits: limits)
        if let call = begun.call {
            free[lane, default: 0] -= 1
            calls.append(call)
        }
        return begun.effects
    }
}

extension Leg {
    fileprivate var lane: ProviderLane { ProviderLane(provider: provider, isCheck: isAtRest) }
}
