/// Topology requests.
extension Connection {
    func call(
        _ id: UInt64, _ request: TopologyRequest,
        _ continuation: CheckedContinuation<CallResult, Never>, _ now: Nanoseconds
    ) {
        let deadline = now + Nanoseconds(configuration.callTimeout)
        let call = Call(id, CallMachine(request, deadline: deadline), continuation)
        calls.append(call)
        guard isUp else { return }
        do throws(AMQPError) {
            try open(call)
        } catch {
            lost(error)
        }
    }

    func open(_ call: Call) throws(AMQPError) {
        // One request too many must not take the connection from everybody else.
        guard hasFreeChannel else { return finish(call, .failure(Self.noChannel)) }
        let channel = try takeChannel(.call(call))
        call.channel = channel
        try wire?.openChannel(channel)
    }

    func perform(_ actions: [CallMachine.Action], _ call: Call) throws(AMQPError) {
        guard let channel = call.channel else { return }
        for action in actions {
            switch action {
            case .sendRequest: try wire?.request(call.machine.request, channel: channel)
            case .closeChannel: try wire?.closeChannel(channel)
            case .confirmClose:
                try wire?.confirmChannelClose(channel)
                freeChannel(channel)
            case .answerClose: try wire?.confirmChannelClose(channel)
            case .freeChannel: freeChannel(channel)
            case .finish(let result): finish(call, result)
            }
        }
    }

    func finish(_ call: Call, _ result: CallResult) {
        calls.removeAll { $0 === call }
        call.continuation?.resume(returning: result)
        call.continuation = nil
    }

    func cancelCall(_ id: UInt64) {
        guard let call = calls.first(where: { $0.id == id }) else { return }
        end(call, call.machine.request.cancelled)
    }

    /// Before its answer: the channel is closed, so that a late one finds nobody.
    private func end(_ call: Call, _ error: AMQPError) {
        guard call.channel != nil else { return finish(call, .failure(error)) }
        do throws(AMQPError) {
            try perform(call.machine.abandoned(error), call)
        } catch {
            lost(error)
        }
    }

    func expireCalls(_ now: Nanoseconds) {
        for call in calls where call.machine.deadline <= now {
            let subject = call.machine.request.subject
            if call.channel == nil {
                end(call, AMQPError(.notConnected, "\(subject): \(whyOffline)"))
            } else {
                end(call, AMQPError(.timedOut, "\(subject): no answer in the time allowed"))
                wire?.uncork()
            }
        }
    }
}
