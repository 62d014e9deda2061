import AMQP
import Testing

@testable import WorkerRuntime

/// What the dead-letter service hears of a message that it sent again.
@Suite(.timeLimit(.minutes(5))) struct ReplayWordTests {
    private static let replay = FieldTable([
        ("refund-replay", .text("7.12.00112233445566778899aabbccddeeff"))
    ])

    private func run(
        _ headers: FieldTable?, _ script: [PublishOutcome?] = [],
        _ disposition: Disposition = .done
    ) async -> (steps: [Step], sent: [OutgoingMessage]) {
        let journal = Journal()
        let publisher = FakePublisher(journal, script)
        let processor = BatchProcessor(
            queue: "refund.requests",
            handler: FakeHandler(journal: journal) { batch in
                Handled(dispositions: batch.map { _ in disposition })
            }, publisher: publisher, failures: FailureMessages(consumer: "c"), logger: quiet)
        let (asides, later) = AsyncStream<@Sendable () async -> Void>.makeStream()
        let batch = FakeBatch(
            deliveries: [delivery(exchange: "", headers: headers)], journal: journal)
        await processor.process(batch, suspects: { _ in }) { later.yield($0) }
        later.finish()
        for await work in asides { await work() }
        return (journal.steps, publisher.published)
    }

    @Test("A replayed message is acked only once the word that it was processed is confirmed")
    func theWordGoesFirst() async throws {
        let (steps, sent) = await run(Self.replay, [.nacked])
        let word = "refund.dead-letters/refund.requests"
        #expect(
            steps == [.handled([1]), .published([word]), .published([word]), .acked([1])])
        let message = try #require(sent.last)
        #expect(message.properties.type == "refund.replayed.v1")
        #expect(message.properties.headers == Self.replay)
        #expect(message.body.isEmpty && message.mandatory)
    }

    @Test("Nothing is said of a message that nobody replayed, or whose replay is no name")
    func nothingIsSaidOfOthers() async {
        let none: [FieldTable?] = [
            nil, FieldTable([("refund-replay", .int32(7))]),
            FieldTable([("refund-replay", .string(Array(repeating: 0x61, count: 129)))]),
        ]
        for headers in none {
            #expect(await run(headers).steps == [.handled([1]), .acked([1])])
        }
    }

    @Test(
        "A replayed message that fails again carries its replay into the dead letter, or the retry")
    func theReplayIsCarriedOn() async throws {
        let letter = Disposition.deadLetter(DeadLetter(reason: "not_in_review", detail: "No."))
        for disposition in [letter, .retry(detail: "Away."), .wait(detail: "Not yet.")] {
            let (_, sent) = await run(Self.replay, [], disposition)
            let headers = try #require(sent.last?.properties.headers)
            #expect(headers["refund-replay"] == Self.replay["refund-replay"])
            #expect(sent.last?.properties.type != "refund.replayed.v1")
        }
    }
}
