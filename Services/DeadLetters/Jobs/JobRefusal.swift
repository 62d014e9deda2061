import RefundMessages

/// Why a job cannot be made, started or cancelled.
enum JobRefusal: Error {
    case noDeadLetter(Int64)
    case noJob
    /// The key belongs to another request.
    case keyTaken
    case notPrepared
    case isOver
    /// The edited body would be refused.
    case fault(MessageFault)
}
