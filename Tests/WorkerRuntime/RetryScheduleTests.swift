import Testing

@testable import WorkerRuntime

@Suite("Retry schedule") struct RetryScheduleTests {
    @Test(
        "Delays grow from a second to half an hour",
        arguments: [
            (1, "1s"), (2, "5s"), (3, "30s"), (4, "2m"), (5, "10m"), (6, "30m"), (7, "30m"),
            (53, "30m"), (54, nil), (1_000_000, nil),
        ] as [(Int, String?)])
    func step(_ failures: Int, _ step: String?) {
        #expect(RetrySchedule.step(afterFailures: failures) == step)
    }

    @Test("Trying goes on for at least a day, and one retry less would not be a day")
    func aDay() {
        let waits = (1...RetrySchedule.retries).map {
            RetrySchedule.steps[min($0, RetrySchedule.steps.count) - 1].seconds
        }
        #expect(waits.reduce(0, +) >= 86_400)
        #expect(waits.dropLast().reduce(0, +) < 86_400)
    }

    @Test("Waits to publish again grow, are jittered and have a bound")
    func backoff() {
        var backoff = Backoff()
        let delays = (0..<12).map { _ in backoff.delay() }
        #expect(delays[0] >= .milliseconds(100) && delays[0] <= .milliseconds(125))
        #expect(delays[3] >= .milliseconds(800))
        #expect(delays.allSatisfy { $0 <= .milliseconds(12_500) })
        #expect(delays[11] >= .seconds(10))
    }
}
