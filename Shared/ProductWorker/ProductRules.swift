public import RefundMessages

/// What a product's rules say of one line.
public enum LineAssessment: Sendable, Hashable {
    case decided(LineVerdict)
    /// No usage document for this line: unknown, never unused. The worker waits, then asks a reviewer.
    case usageUnknown
}

/// One product's rules, pure: no I/O, no clock. Everything is judged as of the check's `requestedAt`.
public protocol ProductRules: Sendable {
    static var product: Product { get }

    /// One assessment for each line of the check, in its order.
    ///
    /// - Parameter facts: the latest usage document of each line, by line id; a line without one is
    ///   missing.
    static func assess(_ check: RefundCheck, facts: [String: UsageFacts]) -> [LineAssessment]
}
