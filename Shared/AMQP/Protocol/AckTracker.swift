/// Turns what a consumer settles into as few `basic.ack` frames as are safe. Pure.
///
/// Tags of a channel count from 1. A frame with `multiple` is sent only where every earlier tag is
/// settled too; settling a tag twice, or one never delivered, is ignored, since the broker would
/// close the channel for it (406).
struct AckTracker {
    enum Frame: Hashable, Sendable {
        case ack(tag: UInt64, multiple: Bool)
        case reject(tag: UInt64, requeue: Bool)
    }

    private enum State: UInt8 {
        case held, acked, done
    }

    /// The state of `floor + 1 + index`.
    private var states = FIFO<State>()
    /// Everything up to here is settled and said to the broker.
    private var floor: UInt64 = 0
    /// Acked out of order since the last ``takeFrames()``.
    private var hasNews = false
    private var rejections: [Frame] = []

    /// Delivered and not settled.
    private(set) var held = 0

    mutating func delivered(_ tag: UInt64) throws(AMQPError) {
        guard tag == floor + UInt64(states.count) + 1 else {
            throw AMQPError(.protocolViolation, "the broker delivered tag \(tag) out of order")
        }
        states.append(.held)
        held += 1
    }

    /// - Returns: whether it was held.
    @discardableResult
    mutating func ack(_ tag: UInt64) -> Bool {
        guard let index = index(tag), states[index] == .held else { return false }
        states[index] = .acked
        held -= 1
        hasNews = true
        return true
    }

    /// Acks whatever is held up to and with the tag.
    /// - Returns: how many.
    mutating func ack(upTo tag: UInt64) -> Int {
        guard tag > floor, !states.isEmpty else { return 0 }
        var count = 0
        for index in 0...Int(min(tag - floor, UInt64(states.count)) - 1)
        where states[index] == .held {
            states[index] = .acked
            count += 1
        }
        held -= count
        hasNews = hasNews || count > 0
        return count
    }

    /// - Returns: whether it was held.
    mutating func reject(_ tag: UInt64, requeue: Bool) -> Bool {
        guard let index = index(tag), states[index] == .held else { return false }
        states[index] = .done
        held -= 1
        hasNews = true
        rejections.append(.reject(tag: tag, requeue: requeue))
        return true
    }

    /// The frames that say everything settled since the last call.
    mutating func takeFrames() -> [Frame] {
        guard hasNews else { return [] }
        hasNews = false
        var frames = rejections
        rejections.removeAll(keepingCapacity: true)
        var count = 0
        var last: UInt64 = 0
        while let state = states.first, state != .held {
            states.removeFirst()
            floor += 1
            if state == .acked { (count, last) = (count + 1, floor) }
        }
        if count > 0 { frames.append(.ack(tag: last, multiple: count > 1)) }
        for index in 0..<states.count where states[index] == .acked {
            states[index] = .done
            frames.append(.ack(tag: floor + 1 + UInt64(index), multiple: false))
        }
        return frames
    }

    private func index(_ tag: UInt64) -> Int? {
        tag > floor && tag - floor <= UInt64(states.count) ? Int(tag - floor - 1) : nil
    }
}
