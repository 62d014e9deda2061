/// A W3C trace context (`traceparent`, version 00).
public struct TraceContext: Sendable, Hashable {
    /// 16 bytes, not zero.
    public var traceID: UInt128
    /// 8 bytes, not zero.
    public var parentID: UInt64
    /// Bit 0: sampled; bit 1: the trace id is random.
    public var flags: UInt8

    /// A context of these parts.
    public init(traceID: UInt128, parentID: UInt64, flags: UInt8) {
        self.traceID = traceID
        self.parentID = parentID
        self.flags = flags
    }
}
