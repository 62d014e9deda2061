import RefundMessages
import Testing

/// Whatever arrives gives a fault or a value; a value is written and read again as an equal one.
@Suite struct FuzzTests {
    /// Enough to change every byte of the samples a few times; a seed fails again on every run.
    private static let rounds = 4_000

    @Test(.timeLimit(.minutes(5)), arguments: Kind.allCases)
    func damagedMessagesNeverCrashAndNeverComeBackAltered(_ kind: Kind) {
        var random = SplitMix64(seed: 0x5EED)
        var accepted = 0
        for _ in 0..<Self.rounds {
            let body = mutated(bytes(kind.sample), &random)
            switch kind.outcome(of: body) {
            case .refused(let fault): expectSound(fault)
            case .same: accepted += 1
            case .altered:
                Issue.record("Not the same after writing and reading: \(text(body))")
                return
            }
        }
        #expect(accepted > 0)
        #expect(accepted < Self.rounds)
    }

    @Test(arguments: Kind.allCases) func everyTruncationIsMalformed(_ kind: Kind) {
        let whole = bytes(kind.sample)
        for length in 0..<whole.count {
            guard case .refused(let fault) = kind.outcome(of: Array(whole[..<length])) else {
                Issue.record("\(length) bytes were accepted")
                return
            }
            #expect(fault.reason == .malformedJSON)
        }
    }

    @Test(.timeLimit(.minutes(5))) func randomBytesAreRefused() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<Self.rounds {
            let body = (0..<Int.random(in: 0...64, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? UInt8.random(in: 0...255, using: &random)
                    : bytes(#"{}[]",:\u0019eE+-.tfn"#).randomElement(using: &random) ?? 0
            }
            guard case .refused(let fault) = Kind.request.outcome(of: body) else {
                Issue.record("\(body) was accepted")
                return
            }
            expectSound(fault)
        }
    }

    private func expectSound(_ fault: MessageFault) {
        let expected: Set<DeadLetterReason> = [.malformedJSON, .invalidMessage, .tooDeep]
        #expect(expected.contains(fault.reason))
        #expect((fault.path != nil) == (fault.reason == .invalidMessage))
        #expect(fault.detail.utf8.count <= 1_024)
    }

    /// One to three changes: a byte, a cut, a repetition, a token put in.
    private func mutated(_ body: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        let tokens = [
            "null", "-", "0", "\"", "{", "}", "[", "]", ",", ":", "\\u0000", "\\ud800", " ", "1e5",
            "é", "9007199254740992", "\"x\":1,", "true",
        ]
        var result = body
        for _ in 0..<Int.random(in: 1...3, using: &random) where !result.isEmpty {
            let start = Int.random(in: 0..<result.count, using: &random)
            let end = Int.random(in: start..<min(start + 24, result.count), using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: result[start] = UInt8.random(in: 0...255, using: &random)
            case 1: result.removeSubrange(start..<end)
            case 2: result.insert(contentsOf: result[start..<end], at: end)
            default:
                let token = tokens.randomElement(using: &random) ?? ""
                result.insert(contentsOf: bytes(token), at: start)
            }
        }
        return result
    }
}

/// Every message, with the way to read it.
enum Kind: CaseIterable, Hashable, Sendable {
    case request, order, decision, check, result, settle, notice, outcome
    case usage(Product)

    static let allCases: [Kind] =
        [.request, .order, .decision, .check, .result, .settle, .notice, .outcome]
        + Product.allCases.map(Kind.usage)

    enum Outcome {
        case refused(MessageFault)
        case same
        case altered
    }

    var sample: String {
        switch self {
        case .request: Samples.request
        case .order: Samples.order
        case .decision: Samples.decision
        case .check: Samples.check
        case .result: Samples.result
        case .settle: Samples.settle
        case .notice: Samples.notice
        case .outcome: text(Samples.outcome.encode())
        case .usage(let product): Samples.usage[product] ?? ""
        }
    }

    func outcome(of body: [UInt8]) -> Outcome {
        do throws(MessageFault) {
            let same =
                switch self {
                case .request:
                    try isSame(body, RefundRequest.decode) { $0.encode() }
                case .order: try isSame(body, OrderPaid.decode) { $0.encode() }
                case .decision: try isSame(body, ReviewDecision.decode) { $0.encode() }
                case .check: try isSame(body, RefundCheck.decode) { $0.encode() }
                case .result: try isSame(body, RefundResult.decode) { $0.encode() }
                case .settle: try isSame(body, SettleLeg.decode) { $0.encode() }
                case .notice: try isSame(body, PaymentNotice.decode) { $0.encode() }
                case .outcome: try isSame(body, RefundOutcome.decode) { $0.encode() }
                case .usage(let product):
                    try isSame(
                        body,
                        { (body) throws(MessageFault) in try Usage.decode(body, product: product) },
                        { $0.encode() })
                }
            return same ? .same : .altered
        } catch { return .refused(error) }
    }

    private func isSame<Message: Equatable>(
        _ body: [UInt8], _ decode: ([UInt8]) throws(MessageFault) -> Message,
        _ encode: (Message) -> [UInt8]
    ) throws(MessageFault) -> Bool {
        let message = try decode(body)
        // What was accepted must be readable again: a throw here would be an alteration.
        do throws(MessageFault) { return try decode(encode(message)) == message } catch {
            return false
        }
    }
}

/// A small generator with a seed (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", 2014).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
