import Testing

@testable import AMQP

@Suite("The pace of reading deliveries")
struct ReadingPaceTests {
    private static let start: Nanoseconds = 5_000_000_000

    /// What is read in one turn.
    struct Turn: Sendable {
        var after: Nanoseconds
        var deliveries: Int
        var hasRoom = true
    }

    @Test(
        "only a crowd within one period makes it rest, and only to that period's end",
        arguments: [
            // Turns, and how long after the first the rest ends; nil: there is none.
            ([Turn(after: 0, deliveries: 1)], nil),
            ([Turn(after: 0, deliveries: ReadingPace.crowd - 1)], nil),
            ([Turn(after: 0, deliveries: ReadingPace.crowd)], ReadingPace.period),
            // In bursts of a few, which each alone are no crowd.
            (
                (0..<8).map { Turn(after: $0 * 1_000, deliveries: ReadingPace.crowd / 8) },
                ReadingPace.period
            ),
            // As many, but slower.
            (
                (0..<8).map {
                    Turn(after: $0 * ReadingPace.period / 4, deliveries: ReadingPace.crowd / 8)
                }, nil
            ),
            // Who holds much of the prefetch is waited for by the broker already.
            ([Turn(after: 0, deliveries: 900, hasRoom: false)], nil),
            (
                [
                    Turn(after: 0, deliveries: 900),
                    Turn(after: ReadingPace.period, deliveries: ReadingPace.crowd),
                ], 2 * ReadingPace.period
            ),
        ] as [([Turn], Nanoseconds?)])
    func rests(turns: [Turn], end: Nanoseconds?) {
        var pace = ReadingPace()
        for turn in turns {
            pace.read(turn.deliveries, hasRoom: turn.hasRoom, now: Self.start + turn.after)
        }
        #expect(pace.restsUntil == end.map { Self.start + $0 } ?? 0)
    }
}
