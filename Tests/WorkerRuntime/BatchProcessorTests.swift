import AMQP
import ServiceLifecycle
import ServiceLifecycleTestKit
import Telemetry
import Testing

@testable import WorkerRuntime

private struct Boom: Error {}

/// One processor with its fakes.
private struct Rig {
    let journal = Journal()
    let publisher: FakePublisher
    let processor: BatchProcessor

    init(
        _ script: [PublishOutcome?] = [],
        _ handler: @escaping @Sendable ([Incoming]) throws -> Handled
    ) {
        publisher = FakePublisher(journal, script)
        processor = BatchProcessor(
            queue: "refund.requests",
            handler: IsolatingHandler(
                base: FakeHandler(journal: journal, body: handler), logger: quiet),
            publisher: publisher, failures: FailureMessages(consumer: "c"), logger: quiet)
    }

    /// The work set aside runs after the batch, one after the other.
    func process(_ deliveries: [Delivery], isCurrent: Bool = true) async {
        let (asides, later) = AsyncStream<@Sendable () async -> Void>.makeStream()
        let batch = FakeBatch(deliveries: deliveries, journal: journal, isCurrent: isCurrent)
        let suspects = Suspects()
        await processor.process(batch, suspects: suspects.add) { later.yield($0) }
        suspects.finish()
        later.finish()
        for await work in asides { await work() }
    }
}

private func done(_ batch: [Incoming], _ messages: [OutgoingMessage] = []) -> Handled {
    Handled(dispositions: batch.map { _ in .done }, messages: messages)
}

@Suite("Handle, publish, confirm, ack", .timeLimit(.minutes(5))) struct BatchProcessorTests {
    @Test("Acks come after the confirms and what follows them")
    func order() async {
        let journal = Journal()
        let publisher = FakePublisher(journal)
        let processor = BatchProcessor(
            queue: "q",
            handler: FakeHandler(journal: journal) { batch in
                var handled = done(batch, [outgoing("a"), outgoing("b")])
                handled.afterConfirm = { journal.add(.afterConfirm(refused: $0)) }
                return handled
            }, publisher: publisher, failures: FailureMessages(consumer: "c"), logger: quiet)
        await processor.process(
            FakeBatch(deliveries: [delivery(tag: 1), delivery(tag: 2)], journal: journal),
            suspects: { _ in }
        ) { _ in }
        #expect(
            journal.steps == [
                .handled([1, 2]), .published(["out/a", "out/b"]),
                .afterConfirm(refused: []), .acked([1, 2]),
            ])
    }

    @Test("A failure of what follows the confirms does not hold the acks")
    func afterConfirmFails() async {
        let rig = Rig { batch in
            var handled = done(batch)
            handled.afterConfirm = { _ in throw Boom() }
            return handled
        }
        await rig.process([delivery()])
        #expect(rig.journal.steps == [.handled([1]), .acked([1])])
    }

    @Test(
        "Nothing is acked until all is confirmed: it is handled once and published again",
        arguments: [
            [.nacked], [.unconfirmed], [nil], [.returned(code: 312, text: "NO_ROUTE")],
            [.nacked, nil, .unconfirmed],
        ] as [[PublishOutcome?]])
    func again(_ script: [PublishOutcome?]) async {
        let rig = Rig(script) { done($0, [outgoing("a")]) }
        await rig.process([delivery(tag: 1), delivery(tag: 2)])
        let tries: [Step] = script.map { _ in .published(["out/a"]) }
        #expect(
            rig.journal.steps
                == [.handled([1, 2])] + tries + [.published(["out/a"]), .acked([1, 2])])
    }

    @Test("Only what is not confirmed is published again: one dead letter after three nacks")
    func publishedOnce() async {
        let rig = Rig([.nacked, .nacked, .nacked]) { batch in
            Handled(
                dispositions: [.deadLetter(DeadLetter(reason: "r", detail: "d")), .done],
                messages: [outgoing("a"), outgoing("b")])
        }
        await rig.process([delivery(tag: 1), delivery(tag: 2)])
        #expect(
            rig.journal.steps == [
                .handled([1, 2]),
                .published(["out/a", "out/b", "refund.dead-letters/refund.requests"]),
                .published(["out/a"]), .published(["out/a"]), .published(["out/a"]),
                .acked([1, 2]),
            ])
    }

    @Test("A dead letter that is refused holds only itself", arguments: [true, false])
    func neighbours(redelivered: Bool) async {
        let rig = Rig([.nacked, .nacked]) { batch in
            Handled(
                dispositions: batch.map {
                    $0.delivery.tag == 2 ? .deadLetter(DeadLetter(reason: "r", detail: "d")) : .done
                })
        }
        await rig.process([
            delivery(tag: 1), delivery(tag: 2, redelivered: redelivered), delivery(tag: 3),
        ])
        let letter = Step.published(["refund.dead-letters/refund.requests"])
        #expect(
            rig.journal.steps
                == (redelivered
                    ? [.handled([1, 3]), .acked([1, 3]), .handled([2]), letter]
                    : [.handled([1, 2, 3]), letter, .acked([1, 3])])
                + [letter, letter, .acked([2])])
    }

    @Test("What is held is let go once its connection is gone: it is delivered anew")
    func heldOverAReconnect() async {
        let rig = Rig([.nacked, .nacked, .nacked]) { done($0, [outgoing("a")]) }
        await rig.process([delivery(tag: 1)], isCurrent: false)
        #expect(rig.journal.steps == [.handled([1]), .published(["out/a"])])
    }

    @Test("A dead letter that is refused goes back to its queue when the service stops")
    func stopWhileCopyIsHeld() async {
        let rig = Rig(Array(repeating: .nacked, count: 1_000)) { batch in
            Handled(dispositions: [.done, .deadLetter(DeadLetter(reason: "r", detail: "d"))])
        }
        await testGracefulShutdown { trigger in
            await withTaskGroup { group in
                group.addTask { await rig.process([delivery(tag: 1), delivery(tag: 2)]) }
                while !rig.journal.steps.contains(.acked([1])) { await Task.yield() }
                trigger.triggerGracefulShutdown()
            }
        }
        #expect(rig.journal.steps.last == .rejected(2, requeue: true))
        #expect(!rig.journal.steps.contains(.acked([2])))
    }

    @Test("What no copy can carry is rejected once, however it is tried")
    func givesUp() async {
        let rig = Rig { done($0, [outgoing("bad")]) }
        rig.publisher.refuseToWrite { $0.routingKey == "bad" || $0.exchange != "out" }
        await rig.process([delivery(tag: 1), delivery(tag: 2)])
        let copy = Step.published(["refund.delay.1s/refund.requests"])
        #expect(
            rig.journal.steps == [
                .handled([1, 2]), .published(["out/bad"]),
                .handled([1]), .published(["out/bad"]), copy,
                .handled([2]), .published(["out/bad"]), copy,
                copy, .rejected(1, requeue: false), copy, .rejected(2, requeue: false),
            ])
    }

    @Test("An outcome nobody subscribes to holds nothing")
    func notMandatory() async {
        let rig = Rig([.returned(code: 312, text: "NO_ROUTE")]) {
            done($0, [outgoing("a", mandatory: false)])
        }
        await rig.process([delivery()])
        #expect(rig.journal.steps == [.handled([1]), .published(["out/a"]), .acked([1])])
    }

    @Test("A subscriber's full queue holds nobody: what follows is told which message it refused")
    func refusedBySubscriber() async {
        let journal = Journal()
        let rig = Rig([.nacked]) { batch in
            var handled = done(
                batch, [outgoing("a", mandatory: false), outgoing("b"), outgoing("c")])
            handled.afterConfirm = { journal.add(.afterConfirm(refused: $0)) }
            return handled
        }
        await rig.process([delivery()])
        #expect(
            rig.journal.steps
                == [.handled([1]), .published(["out/a", "out/b", "out/c"]), .acked([1])])
        #expect(journal.steps == [.afterConfirm(refused: [0])])
    }

    @Test("Handlings that are joined keep their own positions")
    func joined() async throws {
        let journal = Journal()
        let parts = [2, 0, 3, 1].map { count in
            var part = Handled(
                dispositions: [.done], messages: (0..<count).map { outgoing("\($0)") })
            if count != 1 { part.afterConfirm = { journal.add(.afterConfirm(refused: $0)) } }
            return part
        }
        let all = Handled(joining: parts)
        try await all.afterConfirm?([1, 2, 4, 5])
        #expect(
            journal.steps == [
                .afterConfirm(refused: [1]), .afterConfirm(refused: []),
                .afterConfirm(refused: [0, 2]),
            ])
        #expect(all.messages.map(\.routingKey) == ["0", "1", "0", "1", "2", "0"])
    }

    @Test("A message that throws is retried, its neighbours are done")
    func oneThrows() async {
        let rig = Rig { batch in
            if batch.contains(where: { $0.delivery.tag == 2 }) { throw Boom() }
            return done(batch, batch.map { outgoing("for-\($0.delivery.tag)") })
        }
        await rig.process((1...3).map { delivery(tag: $0) })
        #expect(
            rig.journal.steps == [
                .handled([1, 2, 3]), .handled([1]), .handled([2]), .handled([3]),
                .published(["out/for-1", "out/for-3", "refund.delay.1s/refund.requests"]),
                .acked([1, 2, 3]),
            ])
    }

    @Test("Dead letters and retries leave in the same burst as the handler's messages")
    func dispositions() async {
        let rig = Rig { batch in
            Handled(
                dispositions: [
                    .deadLetter(DeadLetter(reason: "malformed_json", detail: "d")),
                    .retry(detail: "d"), .wait(detail: "d"), .done,
                ], messages: [outgoing("a")])
        }
        await rig.process((1...4).map { delivery(tag: $0) })
        #expect(
            rig.journal.steps == [
                .handled([1, 2, 3, 4]),
                .published([
                    "out/a", "refund.dead-letters/refund.requests",
                    "refund.delay.1s/refund.requests", "refund.delay.1s/refund.requests",
                ]), .acked([1, 2, 3, 4]),
            ])
    }

    @Test("Headers nested too deep are rejected to the dead-letter exchange, the rest goes on")
    func deepHeaders() async {
        let rig = Rig { done($0) }
        await rig.process([
            delivery(tag: 1), delivery(tag: 2, headersAreComplete: false), delivery(tag: 3),
        ])
        #expect(
            rig.journal.steps == [
                .rejected(2, requeue: false), .handled([1, 3]), .acked([1, 3]),
            ])
    }

    @Test("A dead letter too large to publish is rejected after the others are confirmed")
    func unpublishable() async {
        let headers = FieldTable([("big", .bytes([UInt8](repeating: 0, count: 128 * 1024)))])
        let rig = Rig { batch in
            Handled(
                dispositions: batch.map { _ in .deadLetter(DeadLetter(reason: "r", detail: "d")) })
        }
        await rig.process([delivery(tag: 1), delivery(tag: 2, headers: headers)])
        #expect(
            rig.journal.steps == [
                .handled([1, 2]), .published(["refund.dead-letters/refund.requests"]),
                .acked([1]), .rejected(2, requeue: false),
            ])
    }

    @Test("Messages seen before are handled one at a time, after the others, in any order")
    func redelivered() async {
        let rig = Rig { done($0) }
        let tags = Array(UInt64(1)...30)
        await rig.process(tags.map { delivery(tag: $0, redelivered: $0 > 2) })
        let steps = rig.journal.steps
        #expect(steps.prefix(2) == [.handled([1, 2]), .acked([1, 2])])
        let order = steps.dropFirst(2).compactMap { step in
            if case .handled(let handled) = step { handled } else { nil }
        }
        #expect(order.allSatisfy { $0.count == 1 })
        #expect(order.flatMap(\.self).sorted() == Array(tags.dropFirst(2)))
        #expect(order.flatMap(\.self) != Array(tags.dropFirst(2)), "once in 28! runs by chance")
    }

    @Test("After three failures in a row the rest of a batch is put off untried")
    func threeFailures() async {
        let rig = Rig { batch in
            if batch.contains(where: { ![3, 8].contains($0.delivery.tag) }) { throw Boom() }
            return done(batch)
        }
        await rig.process((1...8).map { delivery(tag: $0) })
        let copies = Array(repeating: "refund.delay.1s/refund.requests", count: 7)
        #expect(
            rig.journal.steps == [.handled(Array(1...8))] + (1...6).map { .handled([$0]) }
                + [.published(copies), .acked(Array(1...8))])
    }

    @Test("A batch that cannot be published goes back to its queue when the service stops")
    func stopWhileHeld() async {
        let rig = Rig(Array(repeating: .nacked, count: 1_000)) { done($0, [outgoing("a")]) }
        await testGracefulShutdown { trigger in
            await withTaskGroup { group in
                group.addTask { await rig.process([delivery(tag: 1), delivery(tag: 2)]) }
                while rig.journal.steps.isEmpty { await Task.yield() }
                trigger.triggerGracefulShutdown()
            }
        }
        #expect(
            rig.journal.steps.suffix(2) == [
                .rejected(1, requeue: true), .rejected(2, requeue: true),
            ])
        #expect(!rig.journal.steps.contains(.acked([1, 2])))
    }

    @Test("A cancelled handling settles nothing: the broker delivers it again")
    func cancelled() async {
        let rig = Rig { _ in throw CancellationError() }
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await rig.process([delivery(tag: 1), delivery(tag: 2)])
        }
        await task.value
        #expect(rig.journal.steps == [.handled([1, 2])])
    }
}
