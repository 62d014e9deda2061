import AMQP
import Synchronization
import Testing

@testable import WorkerRuntime

/// For several tasks to write.
private final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    var now: Value { value.withLock { $0 } }
    func change(_ body: @Sendable (inout Value) -> Void) { value.withLock { body(&$0) } }
}

@Suite("Trials, and what is kept apart from them", .timeLimit(.minutes(5))) struct TrialsTests {
    @Test("All but those whose turn it is are let go before the first is handled")
    func turn() async {
        let steps = Shared<[String]>([])
        let trials = Trials()
        for crashes in [3, 1, 4, 1] {
            trials.add(
                Trials.Trial(
                    queue: "q", crashes: crashes,
                    hold: { steps.change { $0.append("held \(crashes)") } },
                    postpone: { steps.change { $0.append("let go \(crashes)") } }))
        }
        #expect(trials.areWaiting(of: "q"))
        await trials.hold(of: "q")
        #expect(!trials.areWaiting(of: "q"))
        let all = steps.now
        #expect(all.prefix(2).sorted() == ["let go 3", "let go 4"])
        #expect(all.suffix(2) == ["held 1", "held 1"])
        await trials.hold(of: "q")
        #expect(steps.now.count == 4, "each is handled once")
    }

    @Test("Of two queues of a process, none has anybody on trial while the other's is handled")
    func queues() async {
        let steps = Shared<[String]>([])
        let trials = Trials()
        let other = Trials.Trial(
            queue: "b", crashes: 3, hold: { steps.change { $0.append("held b") } },
            postpone: { steps.change { $0.append("let go b") } })
        trials.add(other)
        await trials.hold(of: "a")
        #expect(steps.now.isEmpty && trials.areWaiting(of: "b") && !trials.areWaiting(of: "a"))
        for _ in 0..<2 {
            trials.add(
                Trials.Trial(
                    queue: "a", crashes: 1,
                    hold: {
                        steps.change { $0.append("held a") }
                        // It arrives between the two.
                        trials.add(other)
                    }, postpone: {}))
        }
        await trials.hold(of: "a")
        #expect(steps.now == ["let go b", "held a", "let go b", "held a"])
    }

    @Test(
        "A trial waits until nothing else is in hand, and is over before another suspect is handled"
    )
    func goes() async {
        let journal = Journal()
        let publisher = FakePublisher(journal)
        let processor = BatchProcessor(
            queue: "q",
            handler: FakeHandler(journal: journal) { batch in
                Handled(dispositions: batch.map { _ in .done })
            }, publisher: publisher, failures: FailureMessages(consumer: "c"),
            logger: quiet)
        let onTrial = delivery(
            tag: 1, exchange: "",
            headers: FieldTable([
                ("refund-crashes", .int32(1)), ("refund-attempts", .int32(0)),
                ("refund-first-failed-at", .text("2026-11-23T07:00:00Z")),
                ("refund-trial", .int32(1)),
            ]))
        let batches = [
            [onTrial, delivery(tag: 2)], [delivery(tag: 3, redelivered: true)],
        ]
        for deliveries in batches {
            await processor.process(
                FakeBatch(deliveries: deliveries, journal: journal), suspects: { _ in }
            ) { _ in }
        }
        #expect(
            journal.steps == [
                .handled([2]), .acked([2]), .published(["refund.delay.1s/q"]), .acked([1]),
                .handled([3]), .acked([3]),
            ])
        // What comes back of it is held against it no more: its trial is announced anew.
        let copy = publisher.published.first?.properties.headers
        #expect(copy?["refund-crashes"]?.integer == 1)
        #expect(copy?["refund-trial"] == nil)
    }

    @Test("No copy is on its way while a suspect is handled, whoever comes first")
    func apart() async {
        let seclusion = Seclusion()
        let copies = Shared(0)
        let alone = Shared(0)
        await withDiscardingTaskGroup { group in
            for index in 0..<400 {
                group.addTask {
                    if index.isMultiple(of: 3) {
                        await seclusion.alone {
                            alone.change { $0 += 1 }
                            await Task.yield()
                            #expect((copies.now, alone.now) == (0, 1))
                            alone.change { $0 -= 1 }
                        }
                    } else {
                        await seclusion.copying {
                            copies.change { $0 += 1 }
                            await Task.yield()
                            #expect(alone.now == 0)
                            copies.change { $0 -= 1 }
                        }
                    }
                }
            }
        }
    }

    @Test("A suspect waits for the copy that is on its way")
    func waits() async {
        let steps = Shared<[String]>([])
        let seclusion = Seclusion()
        await withDiscardingTaskGroup { group in
            await seclusion.copying {
                group.addTask {
                    await seclusion.alone { steps.change { $0.append("handled") } }
                }
                // Time enough for one that does not wait.
                for _ in 0..<1_000 { await Task.yield() }
                steps.change { $0.append("copied") }
            }
        }
        #expect(steps.now == ["copied", "handled"])
    }

    @Test("The broker has read every ack before a suspect is handled, and is asked once for all")
    func acks() async {
        let questions = Shared(0)
        let seclusion = Seclusion { questions.change { $0 += 1 } }
        for expected in [0, 1, 1] {
            let asked = await seclusion.alone { questions.now }
            #expect(asked == expected)
            if expected == 0 {
                seclusion.noteSettlement()
                seclusion.noteSettlement()
            }
        }
    }
}
