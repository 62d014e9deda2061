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
        let crashes = counts.sorted { $0.key < $1.key }.flatMap {
            Array(repeating: $0.key, count: $0.value)
        }
        #expect(Suspects.nextOnTrial(crashes) == 0..<tried)
    }

    @Test("While something else is in hand they wait, and what would fill the window goes round")
    func busy() async {
        let suspects = Suspects(mostInHand: 1)
        let (steps, done) = AsyncStream.makeStream(of: (Int, Bool).self)
        await withTaskGroup { group in
            group.addTask { await suspects.run() }
            await suspects.whileBusy {
                for crashes in [4, 3] {
                    suspects.add(Suspects.Suspect(crashes: crashes) { done.yield((crashes, $0)) })
                }
                let surplus = await steps.first { _ in true }
                #expect(surplus?.0 == 4 && surplus?.1 == false)
            }
            let tried = await steps.first { _ in true }
            #expect(tried?.0 == 3 && tried?.1 == true)
            suspects.finish()
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
