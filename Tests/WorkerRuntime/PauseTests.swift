import TestSupport
import Testing

@testable import WorkerRuntime

@Suite("Batches that wait for company", .serialized, .timeLimit(.minutes(10))) struct PauseTests {
    @Test("After a batch that was not full more is gathered for the next")
    func pause() async throws {
        let rig = try await BrokerRig()
        let recorder = Recorder { _ in .done }
        try await rig.consume(recorder, pause: .milliseconds(300)) { _ in
            // The first of a life is handled on probation.
            for number in 1...3 {
                try await rig.publish(["\(number)"])
                await recorder.wait { $0.count >= number }
            }
        }
        let times = recorder.all.map(\.at)
        #expect(times[2] - times[1] >= .milliseconds(300))
    }

    @Test(
        "A batch that was full is followed at once, also where the handler is slow and the window narrow",
        arguments: [(1, 0), (16, 10)])
    func fullBatches(maxBatch: Int, milliseconds: Int) async throws {
        let rig = try await BrokerRig()
        let recorder = Recorder { _ in
            try await Task.sleep(for: .milliseconds(milliseconds))
            return .done
        }
        let (count, pause) = (200, Duration.seconds(1))
        let start = ContinuousClock.now
        try await rig.consume(recorder, maxBatch: maxBatch, pause: pause) { _ in
            try await rig.publish((1...count).map(String.init))
            await recorder.wait { $0.count >= count }
        }
        // Far from a pause after each; in a narrow window two are handled together.
        #expect(ContinuousClock.now - start < pause * (count / 4))
    }
}
