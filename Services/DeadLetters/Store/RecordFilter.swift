import RefundMessages

/// Which dead letters are meant: those that everything given lets through.
struct RecordFilter: Sendable, Equatable {
    var state: RecordState?
    var queue: String?
    var reason: String?
    var type: String?
    var requestID: String?
    var orderID: String?
    var fingerprint: String?
    /// Arrived then or later.
    var since: Instant?
    /// Arrived before.
    var until: Instant?
    /// Bytes that the body holds.
    var text: String?
}

/// In which order of arrival.
enum ArrivalOrder: String, Sendable, CaseIterable { case newest, oldest }

/// One page of a list.
struct Page<Element: Sendable>: Sendable {
    var elements: [Element]
    /// Where the next page begins; nil after the last.
    var next: Int64?
}
