import Hummingbird

/// What became of one request: the label `result` of the metric `webhook_events_total`.
enum WebhookResult: String, CaseIterable, Sendable {
    /// Its notices are confirmed by the broker.
    case published
    /// They were already, not long ago.
    case duplicate
    /// It is signed and says nothing of a refund of ours.
    case ignored
    /// It is signed and of the other mode: test where live is taken, or the other way round.
    case otherMode = "other_mode"
    /// Not a POST of JSON to the path of events.
    case wrongRequest = "wrong_request"
    /// The body has more than ``StripeEvent/maximumBytes``.
    case tooLarge = "too_large"
    /// It ended before its body did.
    case incomplete
    case noSignature = "no_signature"
    /// The header is not of the form that the provider documents.
    case badSignature = "bad_signature"
    case tooOld = "too_old"
    case inFuture = "in_future"
    case wrongSignature = "wrong_signature"
    /// It is signed and no event as the provider documents it.
    case unreadable
    /// The broker is away, blocks or refuses: the provider must send it again.
    case unavailable

    /// 2xx ends the matter for the provider; it sends again what was answered otherwise.
    var status: HTTPResponse.Status {
        switch self {
        case .published, .duplicate, .ignored, .otherMode: .ok
        case .wrongRequest, .incomplete, .noSignature, .badSignature, .tooOld, .inFuture,
            .wrongSignature, .unreadable:
            .badRequest
        case .tooLarge: .contentTooLarge
        case .unavailable: .serviceUnavailable
        }
    }

    /// The body of the answer. Whoever cannot sign learns nothing of why.
    var body: String {
        switch self {
        case .published, .duplicate, .ignored, .otherMode: #"{"result":"\#(rawValue)"}"#
        case .wrongRequest: #"{"error":"only POST \#(Self.path) with a JSON body is taken"}"#
        case .incomplete: #"{"error":"the body is incomplete"}"#
        case .tooLarge: #"{"error":"the body is too large"}"#
        case .noSignature, .badSignature, .tooOld, .inFuture, .wrongSignature:
            #"{"error":"the signature was not accepted"}"#
        case .unreadable: #"{"error":"the event cannot be read"}"#
        case .unavailable: #"{"error":"send it again later"}"#
        }
    }

    /// Where events are taken.
    static let path = "/v1/stripe/events"
}
