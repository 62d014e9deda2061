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
///
/// The consumers of a process share it: where one's suspect is handled, the others' are let go too.
final class Trials: Sendable {
    /// A message whose trial was announced.
    struct Trial: Sendable {
        /// Where it came from.
        let queue: String
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

    /// Whether deliveries of that queue are to end.
    func areWaiting(of queue: String) -> Bool {
        inHand.withLock { $0.contains { $0.queue == queue } }
    }

    func add(_ trial: Trial) { inHand.withLock { $0.append(trial) } }

    /// Handles those of that queue whose turn it is, when nothing else of it is in hand.
    func hold(of queue: String) async {
        let trials = take { $0.queue == queue }
        let chosen = Suspects.nextOnTrial(trials.map(\.crashes))
        await Self.postpone(trials[chosen.upperBound...])
        for trial in trials[chosen] {
            await postpone()
            await trial.hold()
        }
    }

    /// Lets all go: something else that may end the process is to be handled.
    func postpone() async { await Self.postpone(take { _ in true }[...]) }

    private static func postpone(_ trials: ArraySlice<Trial>) async {
        await withDiscardingTaskGroup { group in
            for trial in trials { group.addTask { await trial.postpone() } }
        }
    }

    /// In another order each time, those with the fewest crashes first.
    private func take(where isTaken: (Trial) -> Bool) -> [Trial] {
        inHand.withLock { trials in
            let taken = trials.filter(isTaken)
            trials.removeAll(where: isTaken)
            return taken.shuffled().sorted { $0.crashes < $1.crashes }
        }
    }
}
