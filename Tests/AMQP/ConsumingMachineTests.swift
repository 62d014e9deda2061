import Testing

@testable import AMQP

@Suite("Consuming: acks, subscription, topology calls")
struct ConsumingMachineTests {
    private func tracker(_ count: UInt64) throws -> AckTracker {
        var tracker = AckTracker()
        for tag in 1...count { try tracker.delivered(tag) }
        return tracker
    }

    @Test("a contiguous run is one frame, what lies beyond a gap goes alone")
    func acks() throws {
        var tracker = try tracker(6)
        for tag in [UInt64(2), 1, 3, 5] { tracker.ack(tag) }
        #expect(
            tracker.takeFrames() == [.ack(tag: 3, multiple: true), .ack(tag: 5, multiple: false)])
        tracker.ack(4)
        #expect(tracker.takeFrames() == [.ack(tag: 4, multiple: false)])
        #expect(tracker.ack(upTo: 6) == 1)
        #expect(tracker.takeFrames() == [.ack(tag: 6, multiple: false)])
        #expect(tracker.held == 0)
    }

    @Test("rejections inside a run do not stop it, and their tags are never acked")
    func rejections() throws {
        var tracker = try tracker(4)
        #expect(tracker.reject(2, requeue: true) == true)
        #expect(tracker.reject(4, requeue: false) == true)
        #expect(tracker.ack(upTo: 4) == 2)
        #expect(
            tracker.takeFrames() == [
                .reject(tag: 2, requeue: true), .reject(tag: 4, requeue: false),
                .ack(tag: 3, multiple: true),
            ])
    }

    @Test("settling twice, or what was never delivered, says nothing to the broker")
    func misuse() throws {
        var tracker = try tracker(2)
        tracker.ack(1)
        _ = tracker.takeFrames()
        #expect(tracker.ack(1) == false)
        #expect(tracker.ack(3) == false)
        #expect(tracker.reject(1, requeue: true) == false)
        #expect(tracker.ack(upTo: 1) == 0)
        #expect(tracker.ack(upTo: 99) == 1)
        #expect(tracker.takeFrames() == [.ack(tag: 2, multiple: false)])
        #expect(tracker.takeFrames().isEmpty)
    }

    @Test("delivery tags count by one, anything else breaks the connection")
    func tagOrder() throws {
        var tracker = try tracker(1)
        #expect(throws: AMQPError.self) { try tracker.delivered(3) }
    }

    /// The most jitter: half of each wait.
    private struct Fixed: RandomNumberGenerator {
        func next() -> UInt64 { .max }
    }

    private func subscription(_ source: ConsumerSource = .queue("q")) -> SubscriptionMachine {
        SubscriptionMachine(
            source: source, prefetch: 9, backoff: Backoff(first: 1_000, most: 8_000))
    }

    private func feed(
        _ machine: inout SubscriptionMachine, _ methods: [InboundMethod], now: UInt64 = 0
    ) throws -> [SubscriptionMachine.Action] {
        var random = Fixed()
        var actions: [SubscriptionMachine.Action] = []
        for method in methods {
            actions += try machine.received(method, now: now, using: &random)
        }
        return actions
    }

    @Test("a subscription goes from channel to prefetch to consume")
    func subscribe() throws {
        var machine = subscription()
        #expect(machine.connected() == [.openChannel])
        let actions = try feed(&machine, [.channelOpenOK, .qosOK, .consumeOK])
        #expect(actions == [.limit(prefetch: 9), .consume(queue: "q"), .nowLive])
        #expect(machine.disconnected() == [.nowLost(nil)])
        #expect(machine.connected() == [.openChannel])
    }

    @Test("a temporary queue is declared and bound before it is consumed")
    func temporary() throws {
        let bindings = ["a", "b"].map { Binding(exchange: "e", routingKey: $0) }
        var machine = subscription(.temporary(bindings))
        _ = machine.connected()
        let actions = try feed(
            &machine,
            [
                .channelOpenOK, .queueDeclareOK(queue: "amq.gen-1", messages: 0, consumers: 0),
                .done, .done, .qosOK,
            ])
        #expect(
            actions == [
                .declareTemporary, .bind(queue: "amq.gen-1", bindings[0]),
                .bind(queue: "amq.gen-1", bindings[1]), .limit(prefetch: 9),
                .consume(queue: "amq.gen-1"),
            ])
    }

    @Test("a missing queue is tried again, later each time")
    func missingQueue() throws {
        var machine = subscription()
        _ = machine.connected()
        var due: UInt64 = 0
        for wait in [UInt64(500), 1_000, 2_000, 4_000, 4_000] {
            let reason = CloseReason(replyCode: 404, text: "NOT_FOUND - no queue 'q'")
            let actions = try feed(&machine, [.channelOpenOK, .channelClose(reason)], now: due)
            #expect(
                actions == [
                    .limit(prefetch: 9), .nowLost(reason.error("consuming from 'q'")),
                    .confirmClose,
                ])
            #expect(machine.due == due + wait)
            #expect(machine.tick(now: due + wait - 1).isEmpty)
            due += wait
            #expect(machine.tick(now: due) == [.openChannel])
        }
    }

    @Test("a consumer that the broker cancelled closes its channel and subscribes again")
    func serverCancel() throws {
        var machine = subscription()
        _ = machine.connected()
        _ = try feed(&machine, [.channelOpenOK, .qosOK, .consumeOK])
        let actions = try feed(&machine, [.cancel(consumerTag: "t")])
        #expect(actions.last == .closeChannel)
        #expect(machine.state == .closing)
        #expect(try feed(&machine, [.channelCloseOK]) == [.freeChannel])
        #expect(machine.tick(now: machine.due ?? 0) == [.openChannel])
    }

    @Test("a cancelled subscription ends once its channel is closed, and stays ended")
    func cancelled() throws {
        var machine = subscription()
        _ = machine.connected()
        _ = try feed(&machine, [.channelOpenOK, .qosOK, .consumeOK])
        #expect(machine.cancel() == [.nowLost(nil), .closeChannel])
        #expect(machine.cancel().isEmpty)
        #expect(try feed(&machine, [.cancelOK, .channelCloseOK]) == [.freeChannel])
        #expect(machine.state == .ended)
        #expect(machine.connected().isEmpty)
    }

    @Test("an answer that was not asked for breaks the connection")
    func unexpected() {
        var machine = subscription()
        _ = machine.connected()
        #expect(throws: AMQPError.self) { try feed(&machine, [.consumeOK]) }
    }

    @Test("a topology call ends with its answer, its refusal or its time, and frees its channel")
    func call() throws {
        let request = TopologyRequest.declareQueue(QueueDeclaration(name: "q"), passive: true)
        var answered = CallMachine(request, deadline: 9)
        #expect(try answered.received(.channelOpenOK) == [.sendRequest])
        #expect(
            try answered.received(.queueDeclareOK(queue: "q", messages: 3, consumers: 2)) == [
                .finish(.success(TopologyReply(queue: "q", messages: 3, consumers: 2))),
                .closeChannel,
            ])
        #expect(try answered.received(.channelCloseOK) == [.freeChannel])

        var refused = CallMachine(request, deadline: 9)
        _ = try refused.received(.channelOpenOK)
        let reason = CloseReason(replyCode: 406, text: "PRECONDITION_FAILED - inequivalent arg")
        let error = request.refused(reason)
        #expect(error.code == .preconditionFailed && error.replyCode == 406)
        #expect(
            try refused.received(.channelClose(reason)) == [
                .finish(.failure(error)), .confirmClose,
            ])

        var late = CallMachine(request, deadline: 9)
        _ = try late.received(.channelOpenOK)
        let tooLate = AMQPError(.timedOut, "no answer")
        #expect(late.abandoned(tooLate) == [.finish(.failure(tooLate)), .closeChannel])
        #expect(late.abandoned(tooLate).isEmpty)
    }
}
