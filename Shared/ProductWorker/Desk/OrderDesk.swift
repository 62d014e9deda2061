import RefundMessages

/// What a product's worker holds of one order: the lines that were refunded, and the checks that are
/// not finished or paid something. A pure value; the worker loads it, applies what happened, stores it and publishes
/// what it returned.
struct OrderDesk: Sendable, Hashable {
    /// How soon a result goes out again whose publishing was not confirmed, in seconds.
    static let repeatSeconds: Int64 = 5

    /// Lines closed for good, by id.
    var refunded: Set<String> = []
    /// In order of arrival.
    var checks: [OpenCheck] = []

    /// Whether there is nothing to remember.
    var isEmpty: Bool { refunded.isEmpty && checks.isEmpty }

    /// When the sweeper has to look at the order next.
    var wakeAt: Instant? { checks.compactMap { $0.due ?? $0.repeatAt }.min() }

    /// Whether an open request may still pay that line.
    func holds(_ lineID: String) -> Bool { checks.contains { $0.holds.contains(lineID) } }

    /// Whether a usage document about that line can change a result.
    func concerns(_ lineID: String) -> Bool { checks.contains { $0.concerns(lineID) } }
}

/// A result that no message of its request has caused.
struct LateResult: Sendable, Hashable {
    let result: RefundResult
    /// W3C trace of the request.
    let traceparent: String?

    init?(_ check: OpenCheck) {
        guard let result = check.result else { return nil }
        self.result = result
        traceparent = check.traceparent
    }
}
