import Synchronization

/// Messages that came back for their trial, in hand until nothing else is.
///
/// Whatever a process holds when it ends comes back, and what is marked as on trial has a crash more
/// then. So nobody else on trial may be in hand: deliveries end, all that was delivered is done, all
/// but those whose turn it is are let go, and only then these are handled.
///
/// To end deliveries costs returns too: RabbitMQ gives back, counted, what it has on its way to a
/// consumer that cancels. So few are announced at a time, who is let go is announced anew later, and
/// those announced together are given the time to arrive.
final class Trials: Sendable {
    /// A message whose trial was announced.
    struct Trial: Sendable {
        /// Ends of a process that it is held responsible for.
        let crashes: Int
        /// Handles it.
        let hold: @Sendable () async -> Void
        /// Lets it go: it is no longer on trial, and announced another time.
        let postpone: @Sendable () async -> Void
    }

    /// From the first that arrives to the end of deliveries: others announced with it are on their way.
    static let gathering: Duration = .milliseconds(20)

    private let inHand = Mutex<[Trial]>([])

    /// Whether deliveries are to end.
    var areWaiting: Bool { inHand.withLock { !$0.isEmpty } }

    func add(_ trial: Trial) { inHand.withLock { $0.append(trial) } }

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
