import Testing

@testable import WorkerRuntime

@Suite("Trials of suspects", .timeLimit(.minutes(5))) struct SuspectsTests {
    @Test(
        "The more crashes, the fewer share the next one; those with the fewest come first",
        arguments: [
            ([:], 0), ([1: 3], 3), ([1: 1, 2: 1, 4: 1], 1), ([1: 100], 64), ([2: 100], 8),
            ([3: 2], 1), ([3: 1, 4: 2], 1),
        ] as [([Int: Int], Int)])
    func next(counts: [Int: Int], tried: Int) {
        let waiting = counts.sorted { $0.key < $1.key }.flatMap { crashes, count in
            (0..<count).map { _ in Suspects.Suspect(crashes: crashes) { _ in } }
        }
        #expect(Suspects.nextOnTrial(waiting) == 0..<tried)
    }

    @Test("While something else is in hand they wait on, and at the end none is held")
    func busy() async {
        let suspects = Suspects()
        let (steps, done) = AsyncStream.makeStream(of: Bool.self)
        let suspect = Suspects.Suspect(crashes: 1) { done.yield($0) }
        await withTaskGroup { group in
            group.addTask { await suspects.run() }
            await suspects.whileBusy {
                suspects.add(suspect)
                #expect(await steps.first { _ in true } == false)
            }
            suspects.add(suspect)
            #expect(await steps.first { _ in true } == true)
            suspects.finish()
            await group.waitForAll()
            suspects.add(suspect)
            await suspects.run()
            #expect(await steps.first { _ in true } == false)
        }
    }
}

@Suite("How wide the window is") struct WindowTests {
    @Test("It starts with an eighth, unless that is no batch")
    func steps() {
        let full = Window(prefetch: 512, maxBatch: 256)
        #expect(full.steps == [Window(prefetch: 64, maxBatch: 32), full])
        #expect(Window(prefetch: 10, maxBatch: 10).steps == [Window(prefetch: 10, maxBatch: 10)])
    }

    @Test("What every batch takes is told from what a message takes")
    func pace() {
        var pace = Pace()
        #expect(pace.note(messages: 32, took: .milliseconds(64)) == .milliseconds(2))
        #expect(pace.note(messages: 1, took: .milliseconds(33)) == nil)
        #expect(pace.note(messages: 1, took: .milliseconds(40)) == nil)
        #expect(pace.note(messages: 32, took: .milliseconds(64)) == .milliseconds(1))
        #expect(pace.note(messages: 32, took: .milliseconds(20)) == .zero)
    }
}
