/// A queue on an array: amortised constant time at both ends, random access in between.
struct FIFO<Element> {
    private var storage: [Element] = []
    private var head = 0

    /// Before this many dead elements the array is not moved.
    private static var leastDead: Int { 1_024 }

    var count: Int { storage.count - head }
    var isEmpty: Bool { head == storage.count }
    var first: Element? { isEmpty ? nil : storage[head] }

    subscript(index: Int) -> Element {
        get { storage[head + index] }
        set { storage[head + index] = newValue }
    }

    mutating func append(_ element: Element) { storage.append(element) }

    mutating func removeFirst() {
        precondition(head < storage.count, "removing from an empty queue")
        head += 1
        if head == storage.count {
            storage.removeAll(keepingCapacity: storage.count <= Self.leastDead)
            head = 0
        } else if head >= Self.leastDead, head * 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
    }

    mutating func popFirst() -> Element? {
        guard let element = first else { return nil }
        removeFirst()
        return element
    }

    mutating func popLast() -> Element? { isEmpty ? nil : storage.removeLast() }
}
