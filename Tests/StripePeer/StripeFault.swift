/// What goes wrong with one request between the client and Stripe.
public enum StripeFault: String, Sendable, Hashable, CaseIterable {
    /// The connection is closed, or reset, before anything happened.
    case dropBefore, resetBefore
    /// 503 without effect, which is forgotten: the same key again starts anew.
    case unavailable
    /// 500 without effect, stored: the same key gets the same 500 again, as Stripe documents.
    case storedErrorBefore
    /// 429 with `Retry-After: 1`.
    case rateLimited
    /// 409 `idempotency_key_in_use`.
    case keyInUse
    /// 307 to another place.
    case redirected
    /// The effect takes place; then the connection is closed, reset, or silent until the client
    /// gives up.
    case dropAfter, resetAfter, stalled
    /// The effect takes place and the answer comes late, but within the client's time.
    case late
    /// The effect takes place, and 500 is stored for its key.
    case storedErrorAfter
    /// The effect takes place; the 200 is no JSON, has no id, or breaks off.
    case garbage, withoutID, truncated
    /// The effect takes place; the 200 is 2 MiB long.
    case huge
    /// A list that does not have the refund yet.
    case emptyList

    /// What may befall a `POST /v1/refunds`.
    public static let ofRefunds = allCases.filter { $0 != .emptyList }

    /// What may befall a `GET`.
    public static let ofLookUps: [StripeFault] = [
        .dropBefore, .resetBefore, .unavailable, .rateLimited, .dropAfter, .resetAfter, .stalled,
        .late, .garbage, .withoutID, .truncated, .emptyList, .redirected, .huge,
    ]
}

/// Which faults come: first those of a script, one for each request, then by chance.
public struct StripeFaultPlan: Sendable {
    /// For the next requests in turn; nil: none.
    public var script: [StripeFault?]
    /// Of the requests after the script, from 0 to 1.
    public var share: Double
    var generator: SeededGenerator

    /// A plan with a script, a share, and the seed that chance starts from.
    public init(script: [StripeFault?] = [], share: Double = 0, seed: UInt64 = 1) {
        self.script = script
        self.share = share
        generator = SeededGenerator(seed: seed)
    }

    mutating func next(of faults: [StripeFault]) -> StripeFault? {
        if !script.isEmpty { return script.removeFirst() }
        guard Double.random(in: 0..<1, using: &generator) < share else { return nil }
        return faults.randomElement(using: &generator)
    }
}

/// What becomes of the refunds of a charge, chosen when the charge is made.
public enum StripeFate: Sendable, Hashable {
    case succeeds
    case pendingThenSucceeds
    case pendingThenFails(String)
    case actionThenSucceeds
    /// The customer does nothing: `canceled`, with `failure_reason` null.
    case actionThenCanceled
    /// Fails at once, in the 200 that makes it.
    case fails(String)
    /// The first fails for lack of our own funds, the next succeeds.
    case lacksFundsOnce
    /// Succeeds, and is taken back later.
    case reversed(String)
    /// 400 `charge_disputed`.
    case disputed
    /// Somebody else has refunded the whole charge: 400 `charge_already_refunded`.
    case refundedElsewhere

    /// How the `attempt`th refund (from 0) of the charge begins, and what it turns into.
    func statuses(attempt: Int) -> (first: StripeStatus, later: StripeStatus?) {
        switch self {
        case .succeeds, .disputed, .refundedElsewhere: (.succeeded, nil)
        case .pendingThenSucceeds: (.pending, .succeeded)
        case .pendingThenFails(let reason): (.pending, .failed(reason))
        case .actionThenSucceeds: (.requiresAction, .succeeded)
        case .actionThenCanceled: (.requiresAction, .canceled)
        case .fails(let reason): (.failed(reason), nil)
        case .lacksFundsOnce: (attempt == 0 ? .failed("insufficient_funds") : .succeeded, nil)
        case .reversed(let reason): (.succeeded, .failed(reason))
        }
    }
}

/// A refund's status.
public enum StripeStatus: Sendable, Hashable {
    case pending, requiresAction, succeeded, canceled
    /// With its `failure_reason`.
    case failed(String)

    /// As Stripe writes it.
    public var name: String {
        switch self {
        case .pending: "pending"
        case .requiresAction: "requires_action"
        case .succeeded: "succeeded"
        case .canceled: "canceled"
        case .failed: "failed"
        }
    }

    /// Its `failure_reason`.
    public var failureReason: String? {
        if case .failed(let reason) = self { reason } else { nil }
    }

    /// Whether the money is out, or still may be.
    public var isOut: Bool {
        switch self {
        case .pending, .requiresAction, .succeeded: true
        case .canceled, .failed: false
        }
    }
}
