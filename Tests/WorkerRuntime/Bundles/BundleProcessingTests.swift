import AMQP
import Testing

@testable import WorkerRuntime

/// A processor of a queue with bundles, with its fakes.
private struct Rig {
    let journal = Journal()
    let publisher: FakePublisher
    var processor: BatchProcessor
    let suspects = Suspects()

    init(
        _ script: [PublishOutcome?] = [], takesBundles: Bool = true,
        _ handler: @escaping @Sendable ([Incoming]) throws -> Handled
    ) {
        publisher = FakePublisher(journal, script)
        let failures = FailureMessages(consumer: "c")
        processor = BatchProcessor(
            queue: "work", handler: FakeHandler(journal: journal, body: handler),
            publisher: publisher, failures: failures, logger: quiet,
            bundles: takesBundles ? BundleOpening(queue: "work", failures: failures) : nil)
    }

    func process(_ deliveries: [Delivery]) async {
        let (asides, later) = AsyncStream<@Sendable () async -> Void>.makeStream()
        let batch = FakeBatch(deliveries: deliveries, journal: journal)
        await processor.process(batch, suspects: suspects.add) { later.yield($0) }
        later.finish()
        for await work in asides { await work() }
    }
}

private func done(_ batch: [Incoming]) -> Handled {
    Handled(dispositions: batch.map { _ in .done })
}

@Suite("Handling bundles", .timeLimit(.minutes(5))) struct BundleProcessingTests {
    private let three = (1...3).map { internalMessage("m-\($0)") }

    @Test("A handler sees items as it sees messages, and the bundle is acked once")
    func opened() async {
        let three = three
        let rig = Rig { batch in
            #expect(batch.map(\.delivery.properties) == (three + three.suffix(1)).map(\.properties))
            #expect(batch.map(\.delivery.body) == (three + three.suffix(1)).map(\.body))
            #expect(batch.allSatisfy { $0.exchange == "in" && $0.routingKey == "a.key" })
            #expect(batch.allSatisfy { $0.attempts == 0 && $0.firstFailedAt == nil })
            return done(batch)
        }
        await rig.process([bundle(three).delivery(tag: 7), three[2].delivery(tag: 8)])
        #expect(rig.journal.steps == [.handled([7, 7, 7, 8]), .acked([7, 8])])
    }

    @Test("A dead letter of an item is the message it would have been, and holds only its bundle")
    func deadLetter() async {
        let rig = Rig([.nacked]) { batch in
            Handled(
                dispositions: batch.map {
                    $0.delivery.properties.messageID == "m-2"
                        ? .deadLetter(DeadLetter(reason: "r", detail: "d")) : .done
                })
        }
        await rig.process([bundle(three).delivery(tag: 7), three[0].delivery(tag: 8)])
        let letter = Step.published(["refund.dead-letters/work"])
        #expect(
            rig.journal.steps
                == [.handled([7, 7, 7, 8]), letter, .acked([8]), letter, .acked([7])])
        let copy = rig.publisher.published[0]
        #expect(copy.body == three[1].body)
        #expect(copy.properties.messageID == "m-2")
        #expect(copy.properties.type == "t.v1")
        #expect(copy.properties.headers?["refund-exchange"] == .text("in"))
        #expect(copy.properties.headers?["refund-routing-key"] == .text("a.key"))
    }

    @Test("A line that is no item is put away alone")
    func unreadableLine() async {
        let rig = Rig { done($0) }
        var broken = bundle(three)
        broken.body = Array(broken.text.replacing("\"messageId\":\"m-2\"", with: "?").utf8)
        await rig.process([broken.delivery(tag: 7)])
        #expect(
            rig.journal.steps == [
                .published(["refund.dead-letters/work"]), .handled([7, 7]), .acked([7]),
            ])
        #expect(
            rig.publisher.published[0].properties.headers?["refund-reason"]
                == .text("invalid_message"))
    }

    @Test("A bundle without items is one dead letter that says why")
    func unreadable() async throws {
        let rig = Rig { done($0) }
        var broken = bundle(three)
        broken.body = Array("[]".utf8)
        await rig.process([broken.delivery(tag: 7), three[0].delivery(tag: 8)])
        #expect(
            rig.journal.steps == [
                .published(["refund.dead-letters/work"]), .acked([7]), .handled([8]), .acked([8]),
            ])
        let letter = try #require(rig.publisher.published.first)
        #expect(letter.body == broken.body)
        let detail = letter.properties.headers?["refund-detail"]?.text(atMost: 1_024)
        #expect(detail == "The bundle is no array with an item on each line.")
    }

    @Test("One that came back is taken apart before anything is handled")
    func takenApart() async throws {
        let rig = Rig { done($0) }
        await rig.process([
            three[0].delivery(tag: 6), bundle(three).delivery(tag: 7, redelivered: true),
        ])
        let parts = Step.published(Array(repeating: "refund.delay.1s/work", count: 3))
        #expect(rig.journal.steps == [parts, .acked([7]), .handled([6]), .acked([6])])
        let published = rig.publisher.published
        #expect(published.map(\.body) == three.map(\.body))
        #expect(published.map(\.properties.messageID) == three.map(\.properties.messageID))
        let headers = try #require(published.first).properties.headers
        #expect(headers?["refund-exchange"] == .text("in"))
        #expect(headers?["refund-routing-key"] == .text("a.key"))
        #expect(headers?["refund-attempts"]?.integer == 0)
    }

    @Test("One that was sent again is taken apart, and its dead letter is told")
    func replayed() async {
        let rig = Rig { done($0) }
        var again = bundle(three)
        again.properties.headers = FieldTable([("refund-replay", .text("r-1"))])
        await rig.process([again.delivery(tag: 7, exchange: "")])
        let parts = Array(repeating: "refund.delay.1s/work", count: 3)
        #expect(
            rig.journal.steps == [.published(parts + ["refund.dead-letters/work"]), .acked([7])])
        #expect(rig.publisher.published.last?.properties.type == "refund.replayed.v1")
    }

    @Test("Items are handled together up to the bound, a bundle more")
    func bound() async {
        var rig = Rig { done($0) }
        rig.processor.mostTogether = 4
        await rig.process((1...5).map { bundle(three).delivery(tag: $0) })
        #expect(
            rig.journal.steps == [
                .handled([1, 1, 1, 2, 2, 2]), .acked([1, 2]), .handled([3, 3, 3, 4, 4, 4]),
                .acked([3, 4]), .handled([5, 5, 5]), .acked([5]),
            ])
    }

    @Test("Where bundles are not expected one is a message like any other")
    func notExpected() async {
        let rig = Rig(takesBundles: false) { done($0) }
        await rig.process([bundle(three).delivery(tag: 7)])
        #expect(rig.journal.steps == [.handled([7]), .acked([7])])
    }

    @Test(
        "A bundle ends as the worst of its items, once all are settled",
        arguments: [
            ([nil, nil], .acked([7])), ([true, nil], .rejected(7, requeue: true)),
            ([nil, true], .rejected(7, requeue: true)),
            ([false, nil], .rejected(7, requeue: false)),
            ([false, true], .rejected(7, requeue: true)),
        ] as [([Bool?], Step)])
    func ends(requeues: [Bool?], expected: Step) async {
        let journal = Journal()
        let delivery = delivery(tag: 7)
        let batch = OpenedBatch(FakeBatch(deliveries: [delivery], journal: journal))
        batch.open(delivery, items: 2)
        for requeue in requeues {
            #expect(journal.steps.isEmpty)
            if let requeue {
                await batch.reject(delivery, requeue: requeue)
            } else {
                await batch.ack([delivery])
            }
        }
        #expect(journal.steps == [expected])
    }
}
