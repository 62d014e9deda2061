import AMQP
package import RefundMessages
package import WorkerRuntime

/// A message of a batch after decoding: its value, or why it is refused.
package struct Decoded<Value: Sendable>: Sendable {
    package let incoming: Incoming
    package let result: Result<Value, MessageFault>

    /// Decodes the body once the envelope is as expected.
    package init(
        _ incoming: Incoming, expecting type: String,
        _ decode: ([UInt8]) throws(MessageFault) -> Value
    ) {
        self.incoming = incoming
        let properties = incoming.delivery.properties
        do throws(MessageFault) {
            try MessageEnvelope.check(
                type: properties.type, contentType: properties.contentType,
                contentEncoding: properties.contentEncoding, expecting: type)
            result = .success(try decode(incoming.delivery.body))
        } catch {
            result = .failure(error)
        }
    }

    package var value: Value? { try? result.get() }

    /// Done, or a dead letter with the fault's reason, path and sentence.
    package var disposition: Disposition { disposition { _ in } }

    /// Done, unless decoding or `body` finds a fault.
    package func disposition(_ body: (Value) throws(MessageFault) -> Void) -> Disposition {
        do throws(MessageFault) {
            try body(try result.get())
            return .done
        } catch {
            return .refused(error)
        }
    }
}

extension Disposition {
    /// A dead letter with the fault's reason, path and sentence.
    package static func refused(_ fault: MessageFault) -> Disposition {
        .deadLetter(
            DeadLetter(reason: fault.reason.rawValue, path: fault.path, detail: fault.detail))
    }
}
