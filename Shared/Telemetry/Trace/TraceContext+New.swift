extension TraceContext {
    /// A new trace, sampled.
    public static func random() -> TraceContext {
        var generator = SystemRandomNumberGenerator()
        let traceID = nonZeroBytes(using: &generator) + bytes(of: generator.next())
        return TraceContext(
            traceID: traceID, parentID: nonZeroBytes(using: &generator), flags: 0b01)
    }

    /// The same trace with a new parent id: one step further.
    public func child() -> TraceContext {
        var generator = SystemRandomNumberGenerator()
        return TraceContext(
            traceID: traceID, parentID: Self.nonZeroBytes(using: &generator), flags: flags)
    }

    private static func nonZeroBytes(using generator: inout some RandomNumberGenerator) -> [UInt8] {
        bytes(of: UInt64.random(in: 1...UInt64.max, using: &generator))
    }

    private static func bytes(of value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
