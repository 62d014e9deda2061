/// Topology requests.
extension Connection {
    func call(
        _ request: TopologyRequest, _ continuation: CheckedContinuation<CallResult, Never>,
        _ now: Nanoseconds
    ) {
        let deadline = now + Nanoseconds(configuration.callTimeout)
        let call = Call(CallMachine(request, deadline: deadline), continuation)
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

    func expireCalls(_ now: Nanoseconds) {
        for call in calls where call.machine.deadline <= now {
            if call.channel == nil {
                let error = AMQPError(
                    .notConnected,
                    "\(call.machine.request.subject): \(whyOffline)")
                finish(call, .failure(error))
            } else {
                do throws(AMQPError) {
                    try perform(call.machine.expired(), call)
                    wire?.uncork()
                } catch {
                    lost(error)
                }
            }
        }
    }
}
