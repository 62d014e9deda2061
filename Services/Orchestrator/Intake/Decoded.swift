import AMQP
import RefundMessages
import WorkerRuntime

/// A message of a batch after decoding: its value, or why it is refused.
struct Decoded<Value: Sendable>: Sendable {
    let incoming: Incoming
    let result: Result<Value, MessageFault>

    init(
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

    var value: Value? { try? result.get() }

    /// Done, unless decoding or `body` finds a fault.
    func disposition(_ body: (Value) throws(MessageFault) -> Void) -> Disposition {
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
    static func refused(_ fault: MessageFault) -> Disposition {
        .deadLetter(
            DeadLetter(reason: fault.reason.rawValue, path: fault.path, detail: fault.detail))
    }
}
