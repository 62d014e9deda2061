import AMQP
import Database
import DatabaseSupport
import DeadLettersSupport
import RefundMessages
import Testing

@testable import DeadLetters

/// Two processes of the service share the dead-letter queue and the store.
@Suite("Two dead-letter services", .everyEngine, .timeLimit(.minutes(10)))
struct InstancesTests {
    private func pair() async throws -> [StoreRig] {
        let first = try await StoreRig()
        return [first, try await StoreRig(beside: first)]
    }

    private func letters(_ numbers: Range<Int>, queue: String = "refund.requests") -> [Delivery] {
        numbers.map {
            arrival(
                DeadLetterSamples.fromService(
                    DeadLetterSamples.request("r-\($0)"), id: "m-\($0)", queue: queue))
        }
    }

    @Test("store what both are given once, and count it once")
    func sameArrivals() async throws {
        let rigs = try await pair()
        for round in 0..<20 {
            let batch = letters(round * 3..<round * 3 + 3)
            async let first = rigs[0].arrive(batch)
            async let second = rigs[1].arrive(batch.reversed())
            let stored = try await first.stored + second.stored
            #expect(stored == 3)
        }
        let all = try await rigs[0].all()
        #expect(all.map(\.id) == Array(1...60))
        #expect(try await rigs[1].countsAreRight())
        let alerts = try await rigs[0].database.read {
            try $0.query("SELECT record_id FROM alerts", []).count
        }
        #expect(alerts == 1, "one kind is announced once")
    }

    @Test("store, replay and discard beside each other, and the counts stay right")
    func everythingAtOnce() async throws {
        let rigs = try await pair()
        try await rigs[0].arrive(letters(0..<100))
        let replay = try await rigs[0].job(
            #"{"key":"r","action":"replay","select":{"filter":{}}}"#)
        let discard = try await rigs[1].job(
            #"{"key":"d","action":"discard","note":"n","select":{"filter":{}}}"#)
        try await withThrowingTaskGroup(of: [Int64].self) { group in
            for round in 0..<10 {
                let numbers = 100 + round * 10..<110 + round * 10
                group.addTask {
                    try await rigs[round % 2].arrive(
                        self.letters(numbers, queue: round.isMultiple(of: 2) ? "a" : "b"))
                    return []
                }
                group.addTask {
                    let sent = try await rigs[round % 2].steps.claim(replay, limit: 4)
                        .map(\.record.id)
                    try await rigs[(round + 1) % 2].steps.note(replay, taken: sent, refused: [])
                    return sent
                }
            }
            group.addTask {
                try await rigs[1].steps.apply(discard)
                return []
            }
            let sent = try await group.reduce(into: []) { $0 += $1 }
            #expect(Set(sent).count == sent.count, "nothing is claimed twice")
        }
        #expect(try await rigs[0].countsAreRight())
        #expect(try await rigs[0].all().count == 200)
    }

    @Test("share the jobs: one does them, and another when it is gone or lets go")
    func lease() async throws {
        let rigs = try await pair()
        let leases = rigs.map { Lease(name: "jobs", database: $0.database, clock: $0.clock) }
        #expect(try await leases[0].hold())
        #expect(try await !leases[1].hold())
        rigs.forEach { $0.advance(4) }
        #expect(try await leases[0].hold(), "it goes on")
        rigs.forEach { $0.advance(4) }
        #expect(try await !leases[1].hold())
        rigs.forEach { $0.advance(2) }
        #expect(try await leases[1].hold(), "the other is gone")
        #expect(try await !leases[0].hold())
        try await leases[1].release()
        #expect(try await leases[0].hold())
    }
}
