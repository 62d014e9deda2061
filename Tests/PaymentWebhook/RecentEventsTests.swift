import Testing

@testable import PaymentWebhook

@Suite struct RecentEventsTests {
    @Test func theLastOnesAreKnownAndTheOldestForgotten() {
        let recent = RecentEvents(capacity: 3)
        for id in 1...7 {
            #expect(!recent.contains("evt_\(id)"))
            recent.insert("evt_\(id)")
            recent.insert("evt_\(id)")
            let known = (1...7).filter { recent.contains("evt_\($0)") }
            #expect(known == Array(max(1, id - 2)...id))
        }
    }

    @Test func manyAtOnceStayBounded() async {
        let recent = RecentEvents(capacity: 100)
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask { for id in 0..<1_000 { recent.insert("evt_\(task)_\(id)") } }
            }
        }
        let known = (0..<8).flatMap { task in
            (0..<1_000).filter { recent.contains("evt_\(task)_\($0)") }
        }
        #expect(known.count == 100)
    }
}
