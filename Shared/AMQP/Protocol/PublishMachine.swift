/// What was published and not yet answered: the window, the order, and who waits for what. Pure.
///
/// Messages of one batch are sent in order, batches in the order of their submission. Every message
/// ends exactly once. Nothing is sent twice, whatever happens to the connection.
struct PublishMachine {
    typealias BatchID = UInt64

    /// A message of a waiting batch: valid until the batch completes.
    struct Slot: Hashable {
        var batch: Int
        var message: Int
    }

    /// The end of a batch: one outcome for each message, or why nothing can be said of any.
    struct Completion {
        var id: BatchID
        var result: Result<[PublishOutcome], AMQPError>
    }

    /// Since the last time they were taken.
    struct Counts: Hashable {
        var published = 0
        var confirmed = 0
        var returned = 0
        var nacked = 0
        var unconfirmed = 0
    }

    struct Batch {
        let id: BatchID
        let messages: [OutgoingMessage]
        let deadline: Nanoseconds
        /// `.unconfirmed` until answered.
        var outcomes: [PublishOutcome]
        var next = 0
        var unanswered: Int
    }

    /// One message on the wire; its delivery tag is its place (`firstTag` + index).
    struct InFlight {
        var id: BatchID
        var slot: Slot
        var bytes: Int
        var isAnswered = false
        var isReturned = false
    }

    let windowMessages: Int
    let windowBytes: Int

    var batches: [Batch?] = []
    var freeSlots: [Int] = []
    /// Batches with messages not yet sent, in order.
    var waiting = FIFO<(slot: Int, id: BatchID)>()
    /// Every batch in order of its deadline, which is the order of submission.
    var deadlines = FIFO<(deadline: Nanoseconds, slot: Int, id: BatchID)>()
    var inFlight = FIFO<InFlight>()
    /// The delivery tag of the first in flight. The channel counts from 1.
    var firstTag: UInt64 = 1
    private(set) var unansweredMessages = 0
    private(set) var unansweredBytes = 0
    private(set) var isOpen = false
    var isBlocked = false
    private var completions: [Completion] = []
    private var counts = Counts()

    init(windowMessages: Int, windowBytes: Int) {
        self.windowMessages = max(windowMessages, 1)
        self.windowBytes = max(windowBytes, 1)
    }

    /// Whether every submitted batch has ended.
    var isIdle: Bool { batches.count == freeSlots.count }

    mutating func submit(_ id: BatchID, _ messages: [OutgoingMessage], deadline: Nanoseconds) {
        let batch = Batch(
            id: id, messages: messages, deadline: deadline,
            outcomes: Array(repeating: .unconfirmed, count: messages.count),
            unanswered: messages.count)
        guard !messages.isEmpty else {
            return completions.append(Completion(id: id, result: .success([])))
        }
        let slot = freeSlots.popLast() ?? batches.count
        if slot == batches.count { batches.append(batch) } else { batches[slot] = batch }
        waiting.append((slot, id))
        deadlines.append((deadline, slot, id))
    }

    /// The next message that the window lets out; it counts as sent from here on.
    mutating func sendNext() -> Slot? {
        guard isOpen, !isBlocked, unansweredMessages < windowMessages else { return nil }
        while let (index, id) = waiting.first {
            guard let batch = batches[index], batch.id == id, batch.next < batch.messages.count
            else {
                waiting.removeFirst()
                continue
            }
            let bytes = batch.messages[batch.next].body.count
            guard unansweredBytes == 0 || unansweredBytes + bytes <= windowBytes else { return nil }
            let slot = Slot(batch: index, message: batch.next)
            batches[index]?.next += 1
            inFlight.append(InFlight(id: batch.id, slot: slot, bytes: bytes))
            unansweredMessages += 1
            unansweredBytes += bytes
            counts.published += 1
            return slot
        }
        return nil
    }

    /// Whether ``sendNext()`` has something, were the socket writable.
    var hasUnsent: Bool {
        isOpen && !isBlocked && unansweredMessages < windowMessages && !waiting.isEmpty
    }

    /// The message of a slot just given out.
    func message(_ slot: Slot) -> OutgoingMessage? { batches[slot.batch]?.messages[slot.message] }

    mutating func takeCompletions() -> [Completion] {
        guard !completions.isEmpty else { return [] }
        defer { completions.removeAll(keepingCapacity: true) }
        return completions
    }

    mutating func takeCounts() -> Counts {
        defer { counts = Counts() }
        return counts
    }
}

// MARK: - The channel

extension PublishMachine {
    /// `confirm.select-ok`: tags count from 1 again.
    mutating func opened() {
        precondition(inFlight.isEmpty, "a channel opens with nothing in flight")
        isOpen = true
        firstTag = 1
    }

    /// The connection or its channel fell. What was sent and not answered ends as `.unconfirmed`,
    /// with the rest of its batch; batches of which nothing was sent wait for the next connection.
    /// - Parameter reason: where the broker closed the channel because of something published, the
    ///   batches concerned end with it instead.
    mutating func lost(_ reason: AMQPError?) {
        isOpen = false
        isBlocked = false
        while let message = inFlight.popFirst() {
            guard batch(message) != nil else { continue }
            if let reason {
                fail(message.slot.batch, reason)
            } else {
                complete(message.slot.batch)
            }
        }
        unansweredMessages = 0
        unansweredBytes = 0
    }

    /// A `basic.ack` or `basic.nack` of the broker.
    /// - Throws: ``AMQPError/Code/protocolViolation`` for a tag that was never sent.
    mutating func answered(tag: UInt64, multiple: Bool, positive: Bool) throws(AMQPError) {
        let next = firstTag + UInt64(inFlight.count)
        // AMQP: tag 0 with `multiple` is everything so far.
        let last = tag == 0 && multiple ? next - 1 : tag
        guard last < next else {
            throw AMQPError(.protocolViolation, "the broker confirmed tag \(tag), never sent")
        }
        guard last >= firstTag else { return }
        let index = Int(last - firstTag)
        for place in (multiple ? 0 : index)...index { answer(place, positive) }
        while let first = inFlight.first, first.isAnswered {
            inFlight.removeFirst()
            firstTag += 1
        }
    }

    /// A `basic.return`, which carries no tag: it is for the first message in flight that equals it
    /// in address, properties that name it, and body. Equal messages are interchangeable.
    mutating func returned(_ method: InboundMethod.Return, _ header: ContentHeader, body: [UInt8]) {
        for place in 0..<inFlight.count {
            let sent = inFlight[place]
            guard !sent.isAnswered, !sent.isReturned, sent.bytes == body.count,
                let message = batch(sent)?.messages[sent.slot.message], message.mandatory,
                message.exchange == method.exchange, message.routingKey == method.routingKey,
                message.properties.messageID == header.properties.messageID,
                message.properties.correlationID == header.properties.correlationID,
                message.body == body
            else { continue }
            inFlight[place].isReturned = true
            batches[sent.slot.batch]?.outcomes[sent.slot.message] =
                .returned(code: method.code, text: method.text)
            return
        }
    }

    private mutating func answer(_ place: Int, _ positive: Bool) {
        let message = inFlight[place]
        guard !message.isAnswered else { return }
        inFlight[place].isAnswered = true
        unansweredMessages -= 1
        unansweredBytes -= message.bytes
        guard batch(message) != nil else { return }
        let slot = message.slot
        if message.isReturned {
            counts.returned += 1
        } else if positive {
            counts.confirmed += 1
            batches[slot.batch]?.outcomes[slot.message] = .confirmed
        } else {
            counts.nacked += 1
            batches[slot.batch]?.outcomes[slot.message] = .nacked
        }
        batches[slot.batch]?.unanswered -= 1
        if batches[slot.batch]?.unanswered == 0 { complete(slot.batch) }
    }

    /// Nil where the batch ended before its answers (cancelled or too late).
    private func batch(_ message: InFlight) -> Batch? {
        guard let batch = batches[message.slot.batch], batch.id == message.id else { return nil }
        return batch
    }
}

// MARK: - The end of a batch

extension PublishMachine {
    /// Ends the batches whose time is over: as ``AMQPError/Code/notConnected`` where nothing of it
    /// was sent, else with what is known.
    /// - Parameter offline: why there is no connection, where there is none.
    /// - Returns: the next deadline.
    mutating func expire(
        now: Nanoseconds, offline: @autoclosure () -> String = "there is no connection"
    ) -> Nanoseconds? {
        while let (deadline, slot, id) = deadlines.first {
            guard let batch = batches[slot], batch.id == id else {
                deadlines.removeFirst()
                continue
            }
            guard deadline <= now else { return deadline }
            deadlines.removeFirst()
            if batch.next == 0 {
                let state =
                    if isBlocked {
                        "the broker blocks publishing (an alarm: memory or disk)"
                    } else {
                        isOpen ? "the window is full of unanswered messages" : offline()
                    }
                let code: AMQPError.Code = isOpen ? .timedOut : .notConnected
                fail(slot, AMQPError(code, "nothing was published in the time allowed: \(state)"))
            } else {
                complete(slot)
            }
        }
        return nil
    }

    /// The caller no longer waits. What was sent stays sent.
    mutating func cancel(_ id: BatchID) {
        guard let slot = batches.firstIndex(where: { $0?.id == id }) else { return }
        if batches[slot]?.next == 0 {
            fail(slot, AMQPError(.cancelled, "the publish was cancelled before anything was sent"))
        } else {
            complete(slot)
        }
    }

    /// No more will be sent: every batch ends now.
    mutating func close(_ reason: AMQPError) {
        for slot in batches.indices {
            guard let batch = batches[slot] else { continue }
            if batch.next == 0 { fail(slot, reason) } else { complete(slot) }
        }
    }

    /// The message just given out cannot be encoded and was not sent.
    mutating func refuse(_ slot: Slot, _ reason: AMQPError) {
        guard let last = inFlight.popLast() else { return }
        precondition(last.slot == slot, "only the message just given out can be refused")
        unansweredMessages -= 1
        unansweredBytes -= last.bytes
        counts.published -= 1
        fail(slot.batch, reason)
    }

    private mutating func complete(_ slot: Int) {
        guard let batch = batches[slot] else { return }
        counts.unconfirmed += batch.unanswered
        end(slot, .success(batch.outcomes))
    }

    private mutating func fail(_ slot: Int, _ reason: AMQPError) {
        counts.unconfirmed += batches[slot]?.unanswered ?? 0
        end(slot, .failure(reason))
    }

    private mutating func end(_ slot: Int, _ result: Result<[PublishOutcome], AMQPError>) {
        guard let batch = batches[slot] else { return }
        batches[slot] = nil
        freeSlots.append(slot)
        completions.append(Completion(id: batch.id, result: result))
    }
}
