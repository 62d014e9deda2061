/// How long a consumer rests after a batch, so that more gathers for the next. Pure.
///
/// A batch costs nearly the same whether it holds one message or ten: a transaction, a publishing and
/// its confirm. A consumer that always took at once what is there would fill every processor with
/// batches of one at a tenth of the load, and its neighbours would wait for it. So it rests in
/// proportion to what the batch took: hardly at all on an idle machine, and longer where the machine
/// is busy.
enum Rest {
    /// For each unit of time that the batch took.
    static let share = 2
    /// At most: each of the five hops of a refund may wait as long.
    static let longest: Duration = .milliseconds(25)
    /// While a batch takes so long enough gathers by itself.
    static let longBatch: Duration = .milliseconds(50)

    /// After a batch of that many messages which took so long.
    ///
    /// - Parameter pause: the least that the queue asks for.
    static func after(
        messages: Int, of maxBatch: Int, took: Duration, pause: Duration
    ) -> Duration {
        guard messages < maxBatch else { return .zero }
        return max(pause, took < longBatch ? min(took * share, longest) : .zero)
    }
}
