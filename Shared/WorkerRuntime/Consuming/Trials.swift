import Synchronization

/// Messages that came back for their trial, in hand until nothing else is.
///
/// Whatever a process holds when it ends comes back, and what is marked as on trial has a crash more
/// then. So nobody else on trial may be in hand: deliveries end, all that was delivered is done, all
/// but those whose turn it is are let go, and only then these are handled.
final class Trials: Sendable {
    /// A message whose trial was announced.
    struct Trial: Sendable {
        /// Ends of a process that it is held responsible for.
        let crashes: Int
        /// Handles it.
        let hold: @Sendable () async -> Void
        /// Lets it go, to come back for its trial another time.
        let postpone: @Sendable () async -> Void
    }

    private let inHand = Mutex<[Trial]>([])
    /// Called at each arrival: deliveries are to end.
    private let arrived: @Sendable () -> Void

    init(_ arrived: @escaping @Sendable () -> Void = {}) { self.arrived = arrived }

    func add(_ trial: Trial) {
        inHand.withLock { $0.append(trial) }
        arrived()
    }

    /// Handles those whose turn it is, when nothing else is in hand.
    func hold() async {
        let trials = takeAll()
        let chosen = Suspects.nextOnTrial(trials.map(\.crashes))
        await Self.postpone(trials[chosen.upperBound...])
        for trial in trials[chosen] { await trial.hold() }
    }

    /// Lets all go: something else that may end the process is to be handled.
    func postpone() async { await Self.postpone(takeAll()[...]) }

    private static func postpone(_ trials: ArraySlice<Trial>) async {
        await withDiscardingTaskGroup { group in
            for trial in trials { group.addTask { await trial.postpone() } }
        }
    }

    /// In another order each time, those with the fewest crashes first.
    private func takeAll() -> [Trial] {
        inHand.withLock { trials in
            defer { trials = [] }
            return trials.shuffled().sorted { $0.crashes < $1.crashes }
        }
    }
}
