import RefundMessages

/// Calls of one kind at one provider: none waits for another kind, or for another provider's.
struct ProviderLane: Sendable, Hashable {
    var provider: PaymentProviderName
    /// Asked for again though it has come to rest: may wait for what settles.
    var isCheck: Bool

    /// Calls at once.
    var limit: Int {
        if isCheck { return Self.checksAtOnce }
        return provider == .stripe ? Self.callsAtOnce : Self.ownCallsAtOnce
    }

    /// At a provider over the network.
    static let callsAtOnce = 256
    /// At one that answers from a database of ours.
    static let ownCallsAtOnce = 1_024
    static let checksAtOnce = 32
    /// Legs that wait in memory for a free call. Those beyond come back with their due time.
    static let waitingAtMost = 10_000
}

/// A leg that is to be driven on.
struct LegWish: Sendable, Hashable {
    var caseID: String
    var legID: String
}

/// Which calls run, and which legs wait for one to end. A value: `SettlementDesk` guards it.
struct ProviderLanes: Sendable {
    private struct Lane: Sendable {
        /// Begun, and neither answered nor recorded.
        var running = 0
        /// Begun while the last free call was taken by another.
        var ready = Queue<ProviderCall>()
        /// Not begun.
        var waiting = Queue<LegWish>()
    }

    private var lanes: [ProviderLane: Lane] = [:]
    /// Legs with a call that is begun.
    private var begun: Set<String> = []
    /// Legs that wait.
    private var waiting: Set<String> = []
    /// No call is begun any more.
    var isClosed = false

    /// Calls that may be begun now, in each lane.
    var free: [ProviderLane: Int] {
        var free: [ProviderLane: Int] = [:]
        for provider in PaymentProviderName.allCases {
            for isCheck in [false, true] {
                let lane = ProviderLane(provider: provider, isCheck: isCheck)
                free[lane] = self.free(in: lane)
            }
        }
        return free
    }

    /// The same for legs that have not waited: none where others wait.
    var freeForNew: [ProviderLane: Int] {
        isClosed ? [:] : free.filter { lanes[$0.key]?.waiting.isEmpty ?? true }
    }

    private func free(in lane: ProviderLane) -> Int {
        guard let state = lanes[lane] else { return lane.limit }
        return max(0, lane.limit - state.running - state.ready.count)
    }

    func isBegun(_ legID: String) -> Bool { begun.contains(legID) }

    /// No call runs, and every answer is recorded.
    var isIdle: Bool { lanes.values.allSatisfy { $0.running == 0 } }

    /// Takes calls that were begun; returns those to run at once.
    mutating func start(_ calls: [ProviderCall]) -> [ProviderCall] {
        calls.filter { call in
            begun.insert(call.refund.legID)
            guard lanes[call.lane, default: Lane()].running < call.lane.limit else {
                lanes[call.lane, default: Lane()].ready.append(call)
                return false
            }
            lanes[call.lane, default: Lane()].running += 1
            return true
        }
    }

    /// Notes that a call's answer is recorded; returns the one to run in its place.
    mutating func end(_ call: ProviderCall) -> ProviderCall? {
        begun.remove(call.refund.legID)
        lanes[call.lane]?.running -= 1
        guard !isClosed, let next = lanes[call.lane]?.ready.popFirst() else { return nil }
        lanes[call.lane]?.running += 1
        return next
    }

    /// Has a leg wait for a free call; one that waits already, or one too many, is left to its due
    /// time.
    mutating func wait(_ wish: LegWish, in lane: ProviderLane) {
        guard lanes[lane, default: Lane()].waiting.count < ProviderLane.waitingAtMost,
            waiting.insert(wish.legID).inserted
        else { return }
        lanes[lane, default: Lane()].waiting.append(wish)
    }

    /// The legs whose turn it is, at most `limit`.
    mutating func takeWaiting(atMost limit: Int) -> [LegWish] {
        var wishes: [LegWish] = []
        for lane in Array(lanes.keys) {
            var free = free(in: lane)
            while free > 0, wishes.count < limit, let wish = lanes[lane]?.waiting.popFirst() {
                waiting.remove(wish.legID)
                wishes.append(wish)
                free -= 1
            }
        }
        return wishes
    }

    /// Whether a leg waits that could go.
    var hasTurn: Bool {
        lanes.contains { !$0.value.waiting.isEmpty && free(in: $0.key) > 0 }
    }
}

/// First in, first out; what is taken is let go of in bulk.
private struct Queue<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        defer {
            head += 1
            if head * 2 > elements.count {
                elements.removeFirst(head)
                head = 0
            }
        }
        return elements[head]
    }
}
