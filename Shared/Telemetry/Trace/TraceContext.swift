/// A W3C trace context (`traceparent`, version 00).
public struct TraceContext: Sendable, Hashable {
    /// 16 bytes, not all zero.
    public var traceID: [UInt8]
    /// 8 bytes, not all zero.
    public var parentID: [UInt8]
    /// Bit 0: sampled; bit 1: the trace id is random.
    public var flags: UInt8

    /// A context of these parts.
    public init(traceID: [UInt8], parentID: [UInt8], flags: UInt8) {
        self.traceID = traceID
        self.parentID = parentID
        self.flags = flags
    }
}
