/// What became of a dead letter.
enum RecordState: String, CaseIterable, Sendable {
    /// Nobody did anything about it. Never evicted.
    case open
    /// A job is sending it.
    case replaying
    /// The broker has it, and nothing was heard yet; or it failed again.
    case replayed
    /// Processed by the service that it was replayed to.
    case resolved
    /// An operator said so.
    case discarded
}
