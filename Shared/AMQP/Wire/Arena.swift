/// Scratch memory for one message on its way into librabbitmq's C structs: reused, never moved.
///
/// What it gives out is valid until ``reset()``.
struct Arena: ~Copyable {
    private static let chunkBytes = 16 << 10

    private var chunks: [UnsafeMutableRawBufferPointer] = []
    private var chunk = 0
    private var used = 0

    deinit {
        for chunk in chunks { chunk.deallocate() }
    }

    /// Keeps the first chunk only: one large message must not hold its memory for ever.
    mutating func reset() {
        while chunks.count > 1 { chunks.removeLast().deallocate() }
        chunk = 0
        used = 0
    }

    /// - Returns: `count` bytes, aligned for every C struct of librabbitmq.
    mutating func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        let rounded = (count + 15) & ~15
        while chunk < chunks.count {
            if used + rounded <= chunks[chunk].count, let base = chunks[chunk].baseAddress {
                defer { used += rounded }
                return base + used
            }
            chunk += 1
            used = 0
        }
        let new = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(rounded, Self.chunkBytes), alignment: 16)
        chunks.append(new)
        used = rounded
        guard let base = new.baseAddress else { preconditionFailure("a chunk is never empty") }
        return base
    }

    /// - Returns: uninitialised room for that many values of a trivial C type.
    mutating func allocate<T>(_ type: T.Type, count: Int)
        -> UnsafeMutablePointer<T>
    {
        allocate(max(count, 1) * MemoryLayout<T>.stride).bindMemory(
            to: type, capacity: max(count, 1))
    }
}
