import Testing

@testable import AMQP

@Suite("Publishing: window, confirms, returns")
struct PublishMachineTests {
    private func message(_ text: String, key: String = "k", mandatory: Bool = true)
        -> OutgoingMessage
    {
        OutgoingMessage(
            exchange: "e", routingKey: key, mandatory: mandatory, body: Array(text.utf8))
    }

    private func open(messages: Int = 100, bytes: Int = 1_000) -> PublishMachine {
        var machine = PublishMachine(windowMessages: messages, windowBytes: bytes)
        machine.opened()
        return machine
    }

    private func sendAll(_ machine: inout PublishMachine) -> Int {
        var count = 0
        while machine.sendNext() != nil { count += 1 }
        return count
    }

    private func outcomes(_ machine: inout PublishMachine) -> [UInt64: [PublishOutcome]] {
        var ended: [UInt64: [PublishOutcome]] = [:]
        for completion in machine.takeCompletions() {
            ended[completion.id] = try? completion.result.get()
        }
        return ended
    }

    private func errors(_ machine: inout PublishMachine) -> [UInt64: AMQPError.Code] {
        var ended: [UInt64: AMQPError.Code] = [:]
        for completion in machine.takeCompletions() {
            if case .failure(let error) = completion.result { ended[completion.id] = error.code }
        }
        return ended
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        var name: String
        /// Tag, multiple, positive.
        var answers: [(UInt64, Bool, Bool)]
        var expected: [PublishOutcome]
        var testDescription: String { name }
    }

    @Test(
        "confirms in every form reach the messages they are for",
        arguments: [
            Answer(
                name: "single, in order",
                answers: [(1, false, true), (2, false, true), (3, false, true)],
                expected: [.confirmed, .confirmed, .confirmed]),
            Answer(
                name: "single, out of order",
                answers: [(3, false, true), (1, false, true), (2, false, false)],
                expected: [.confirmed, .nacked, .confirmed]),
            Answer(
                name: "one for all", answers: [(3, true, true)],
                expected: [.confirmed, .confirmed, .confirmed]),
            Answer(
                name: "tag 0 with multiple is everything", answers: [(0, true, true)],
                expected: [.confirmed, .confirmed, .confirmed]),
            Answer(
                name: "a multiple nack after a single ack",
                answers: [(2, false, true), (3, true, false)],
                expected: [.nacked, .confirmed, .nacked]),
            Answer(
                name: "an answer twice counts once",
                answers: [(1, false, true), (1, false, false), (3, true, true)],
                expected: [.confirmed, .confirmed, .confirmed]),
        ])
    func answers(_ answer: Answer) throws {
        var machine = open()
        machine.submit(7, [message("a"), message("b"), message("c")], deadline: 10)
        #expect(sendAll(&machine) == 3)
        for (tag, multiple, positive) in answer.answers {
            try machine.answered(tag: tag, multiple: multiple, positive: positive)
        }
        #expect(outcomes(&machine) == [7: answer.expected])
        #expect(machine.isIdle)
        #expect(machine.unansweredMessages == 0 && machine.unansweredBytes == 0)
    }

    @Test("a confirm of what was never sent breaks the connection", arguments: [UInt64(2), 0, 99])
    func strayConfirm(_ tag: UInt64) {
        var machine = open()
        machine.submit(1, [message("a")], deadline: 10)
        _ = sendAll(&machine)
        if tag == 0 {
            // A single tag 0 is before the first: nothing to answer.
            #expect(throws: Never.self) {
                try machine.answered(tag: 0, multiple: false, positive: true)
            }
            #expect(!machine.isIdle)
        } else {
            #expect(throws: AMQPError.self) {
                try machine.answered(tag: tag, multiple: false, positive: true)
            }
        }
    }

    @Test("a return goes to the message that equals it, and its ack does not hide it")
    func returned() throws {
        var machine = open()
        machine.submit(
            1,
            [
                message("a"), message("b", mandatory: false), message("b"), message("c"),
                message("b"),
            ], deadline: 10)
        _ = sendAll(&machine)
        let method = InboundMethod.Return(
            code: 312, text: "NO_ROUTE", exchange: "e", routingKey: "k")
        let header = ContentHeader(properties: .init(), isComplete: true, bodySize: 1)
        machine.returned(method, header, body: Array("b".utf8))
        try machine.answered(tag: 5, multiple: true, positive: true)
        #expect(
            outcomes(&machine) == [
                1: [
                    .confirmed, .confirmed, .returned(code: 312, text: "NO_ROUTE"), .confirmed,
                    .confirmed,
                ]
            ])
        #expect(machine.takeCounts().returned == 1)
    }

    @Test("no more than the window is out, by messages and by bytes")
    func window() throws {
        var machine = open(messages: 3, bytes: 10)
        machine.submit(1, [message("1234"), message("5678"), message("90")], deadline: 9)
        machine.submit(
            2, [message("x"), message("12345678901234567890"), message("y")], deadline: 9)
        #expect(sendAll(&machine) == 3)
        #expect(machine.unansweredBytes == 10)
        try machine.answered(tag: 1, multiple: false, positive: true)
        // `x` fits; the larger one waits until it is alone, then goes although it is too large.
        #expect(sendAll(&machine) == 1)
        try machine.answered(tag: 3, multiple: true, positive: true)
        #expect(sendAll(&machine) == 0)
        try machine.answered(tag: 4, multiple: false, positive: true)
        #expect(sendAll(&machine) == 1)
        try machine.answered(tag: 5, multiple: false, positive: true)
        #expect(sendAll(&machine) == 1)
    }

    @Test("a lost connection leaves what was sent unconfirmed, and what was not sent waiting")
    func lost() throws {
        var machine = open(messages: 3)
        machine.submit(1, [message("a"), message("b")], deadline: 9)
        machine.submit(2, [message("c"), message("d")], deadline: 9)
        machine.submit(3, [message("e")], deadline: 9)
        _ = sendAll(&machine)
        try machine.answered(tag: 1, multiple: false, positive: true)
        machine.lost(nil)
        #expect(
            outcomes(&machine) == [
                1: [.confirmed, .unconfirmed], 2: [.unconfirmed, .unconfirmed],
            ])
        #expect(machine.sendNext() == nil)
        machine.opened()
        #expect(sendAll(&machine) == 1, "only what was never sent")
        try machine.answered(tag: 1, multiple: false, positive: true)
        #expect(outcomes(&machine) == [3: [.confirmed]])
    }

    @Test("a channel closed over a message ends the batches concerned with the broker's reason")
    func channelClosed() {
        var machine = open(messages: 1)
        machine.submit(1, [message("a")], deadline: 9)
        machine.submit(2, [message("b")], deadline: 9)
        _ = sendAll(&machine)
        machine.lost(CloseReason(replyCode: 404, text: "NOT_FOUND").error("publishing"))
        #expect(errors(&machine) == [1: .notFound])
        #expect(!machine.isIdle)
    }

    @Test("time is up: unsent batches fail, sent ones tell what is known")
    func expiry() throws {
        var machine = open(messages: 2)
        machine.submit(1, [message("a"), message("b"), message("c")], deadline: 100)
        machine.submit(2, [message("d")], deadline: 200)
        _ = sendAll(&machine)
        try machine.answered(tag: 1, multiple: false, positive: true)
        #expect(machine.expire(now: 99) == 100)
        #expect(machine.expire(now: 100) == 200)
        #expect(outcomes(&machine) == [1: [.confirmed, .unconfirmed, .unconfirmed]])
        machine.isBlocked = true
        #expect(machine.expire(now: 200) == nil)
        #expect(errors(&machine) == [2: .timedOut])
        // The late answer of the message that nobody waits for still frees the window.
        try machine.answered(tag: 2, multiple: false, positive: true)
        #expect(machine.unansweredMessages == 0)
        #expect(machine.isIdle)
    }

    @Test("without a connection the batch ends as not connected, and blocked sends nothing")
    func notConnected() {
        var machine = PublishMachine(windowMessages: 10, windowBytes: 10)
        machine.submit(1, [message("a")], deadline: 5)
        #expect(machine.sendNext() == nil)
        _ = machine.expire(now: 5)
        #expect(errors(&machine) == [1: .notConnected])
        machine.opened()
        machine.isBlocked = true
        machine.submit(2, [message("a")], deadline: 9)
        #expect(machine.sendNext() == nil)
        #expect(!machine.hasUnsent)
    }

    @Test("a cancelled batch ends at once; a reused place is not taken for it")
    func cancelled() throws {
        var machine = open(messages: 1)
        machine.submit(1, [message("a"), message("b")], deadline: 9)
        machine.submit(2, [message("c")], deadline: 9)
        _ = sendAll(&machine)
        machine.cancel(1)
        machine.cancel(2)
        let ended = machine.takeCompletions()
        #expect(ended.map(\.id) == [1, 2])
        #expect((try? ended[0].result.get()) == [.unconfirmed, .unconfirmed])
        #expect((try? ended[1].result.get()) == nil)
        machine.submit(3, [message("d")], deadline: 9)
        try machine.answered(tag: 1, multiple: false, positive: true)
        #expect(machine.takeCompletions().isEmpty, "the answer is for the cancelled one")
        #expect(sendAll(&machine) == 1)
        try machine.answered(tag: 2, multiple: false, positive: true)
        #expect(outcomes(&machine) == [3: [.confirmed]])
    }

    @Test("a message that cannot be encoded was not sent and takes no tag")
    func refused() throws {
        var machine = open()
        machine.submit(1, [message("a")], deadline: 9)
        machine.submit(2, [message("b")], deadline: 9)
        let next = machine.sendNext()
        let slot = try #require(next)
        machine.refuse(slot, AMQPError(.invalidMessage, "too large"))
        #expect(errors(&machine) == [1: .invalidMessage])
        #expect(sendAll(&machine) == 1)
        try machine.answered(tag: 1, multiple: false, positive: true)
        #expect(outcomes(&machine) == [2: [.confirmed]])
    }

    @Test("an empty batch ends at once")
    func empty() {
        var machine = open()
        machine.submit(1, [], deadline: 9)
        #expect(outcomes(&machine) == [1: []])
    }
}
