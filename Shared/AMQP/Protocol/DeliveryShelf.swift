/// Deliveries that wait to be taken, in order: as whole batches but for the last, so that a batch
/// is handed out without being copied. Pure.
struct DeliveryShelf {
    /// Before this many taken batches the array is not moved.
    private static let leastTaken = 64

    let maxBatch: Int
    /// Deliveries on it.
    private(set) var count = 0
    /// Those before `first` were taken, and are empty.
    private var batches: [[Delivery]] = []
    private var first = 0

    init(maxBatch: Int) { self.maxBatch = max(maxBatch, 1) }

    mutating func put(_ arrived: [Delivery]) {
        count += arrived.count
        var rest = arrived[...]
        if first < batches.count {
            let room = maxBatch - batches[batches.count - 1].count
            batches[batches.count - 1].append(contentsOf: rest.prefix(room))
            rest = rest.dropFirst(room)
        }
        if rest.count == arrived.count, arrived.count <= maxBatch {
            return batches.append(arrived)
        }
        while !rest.isEmpty {
            batches.append(Array(rest.prefix(maxBatch)))
            rest = rest.dropFirst(maxBatch)
        }
    }

    /// - Returns: the next 1 to `maxBatch`; nil where there are none.
    mutating func take() -> [Delivery]? {
        guard first < batches.count else { return nil }
        var batch: [Delivery] = []
        swap(&batch, &batches[first])
        count -= batch.count
        first += 1
        if first == batches.count || first >= max(Self.leastTaken, batches.count / 2) {
            batches.removeFirst(first)
            first = 0
        }
        return batch
    }

    mutating func removeAll() { self = DeliveryShelf(maxBatch: maxBatch) }
}
