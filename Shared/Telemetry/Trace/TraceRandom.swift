internal import Synchronization

/// Ids that are random, but no secret: SplitMix64 (Steele, Lea, Flood 2014) from a random seed.
///
/// The system's generator is a system call for each id, several for each message. Within a process no
/// value comes twice in 2^64.
enum TraceRandom {
    /// The odd number next to 2^64 divided by the golden ratio.
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let state = Atomic(UInt64.random(in: .min ... .max))

    static func nonZero() -> UInt64 {
        var mixed = state.wrappingAdd(step, ordering: .relaxed).newValue
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        // One of all values is zero; the next is another.
        return mixed == 0 ? nonZero() : mixed
    }
}
