import Testing

@testable import AMQP

@Suite("Deliveries that wait to be taken")
struct DeliveryShelfTests {
    private func deliveries(_ tags: Range<UInt64>) -> [Delivery] {
        tags.map { tag in
            Delivery(
                tag: tag, redelivered: false, exchange: "", routingKey: "q",
                properties: MessageProperties(), body: [])
        }
    }

    @Test(
        "batches are as full as what waits allows, and keep the order",
        arguments: [
            // Arrivals, the largest batch, and the batches taken.
            ([3], 10, [3]),
            ([10], 10, [10]),
            ([25], 10, [10, 10, 5]),
            ([4, 4, 4], 10, [10, 2]),
            ([9, 12], 10, [10, 10, 1]),
            ([10, 1], 10, [10, 1]),
            ([1, 1, 1], 1, [1, 1, 1]),
            ([2], 0, [1, 1]),
        ])
    func batches(arrivals: [Int], maxBatch: Int, taken: [Int]) {
        var shelf = DeliveryShelf(maxBatch: maxBatch)
        var next: UInt64 = 1
        for count in arrivals {
            shelf.put(deliveries(next..<next + UInt64(count)))
            next += UInt64(count)
        }
        #expect(shelf.count == arrivals.reduce(0, +))
        var batches: [[UInt64]] = []
        while let batch = shelf.take() { batches.append(batch.map(\.tag)) }
        #expect(batches.map(\.count) == taken)
        #expect(batches.flatMap { $0 } == Array(1..<next))
        #expect(shelf.count == 0)
    }

    @Test("putting and taking in turns loses nothing and keeps no more than what waits")
    func turns() {
        var shelf = DeliveryShelf(maxBatch: 3)
        var next: UInt64 = 1
        var expected: UInt64 = 1
        for turn in 0..<1_000 {
            let count = UInt64(turn % 7)
            shelf.put(deliveries(next..<next + count))
            next += count
            for delivery in shelf.take() ?? [] {
                #expect(delivery.tag == expected)
                expected += 1
            }
        }
        #expect(shelf.count == Int(next - expected))
        shelf.removeAll()
        #expect(shelf.take() == nil && shelf.count == 0)
    }
}

@Suite("Message properties")
struct MessagePropertiesTests {
    @Test("a copy is a value of its own")
    func values() {
        var first = MessageProperties()
        first.messageID = "a"
        var second = first
        second.messageID = "b"
        second.deliveryMode = 2
        #expect(first.messageID == "a" && first.deliveryMode == nil)
        #expect(second.messageID == "b" && second.deliveryMode == 2)
        #expect(MessageProperties() == MessageProperties() && MessageProperties().messageID == nil)
        second.messageID = "a"
        second.deliveryMode = nil
        #expect(first == second && first.hashValue == second.hashValue)
    }
}
