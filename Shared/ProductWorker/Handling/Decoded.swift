import AMQP
import RefundMessages
import WorkerRuntime

/// A message of a batch after decoding: its value, or why it is refused.
struct Decoded<Value: Sendable>: Sendable {
    let incoming: Incoming
    private let result: Result<Value, MessageFault>

    /// Decodes the body once the envelope is as expected.
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

    /// Done, or a dead letter with the fault's reason, path and sentence.
    var disposition: Disposition {
        switch result {
        case .success: .done
        case .failure(let fault):
            .deadLetter(
                DeadLetter(
                    reason: fault.reason.rawValue, path: fault.path, detail: fault.detail))
        }
    }
}
