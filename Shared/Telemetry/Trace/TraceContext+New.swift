extension TraceContext {
    /// A new trace, sampled.
    public static func random() -> TraceContext {
        TraceContext(
            traceID: UInt128(TraceRandom.nonZero()) << 64 | UInt128(TraceRandom.nonZero()),
            parentID: TraceRandom.nonZero(), flags: 0b01)
    }

    /// The same trace with a new parent id: one step further.
    public func child() -> TraceContext {
        TraceContext(traceID: traceID, parentID: TraceRandom.nonZero(), flags: flags)
    }
}
