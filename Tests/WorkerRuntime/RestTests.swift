import Testing

@testable import WorkerRuntime

@Suite("Rests between batches") struct RestTests {
    @Test(
        "A consumer rests in proportion to what its batch took, within bounds",
        arguments: [
            (1, 2, 0, 4), (1, 20, 0, 25), (1, 60, 0, 0), (10, 2, 0, 0), (1, 2, 250, 250),
            (1, 60, 250, 250), (10, 2, 250, 0),
        ])
    func rest(messages: Int, took: Int, pause: Int, rest: Int) {
        #expect(
            Rest.after(
                messages: messages, of: 10, took: .milliseconds(took), pause: .milliseconds(pause))
                == .milliseconds(rest))
    }
}
