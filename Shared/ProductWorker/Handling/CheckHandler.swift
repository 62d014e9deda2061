import AMQP
import RefundMessages
import RefundService
import Telemetry
import WorkerRuntime

/// `refund.checks.<product>`: judges the lines, or has the check wait for their usage documents.
struct CheckHandler: BatchHandler {
    /// For how many seconds a check is put off that another request's hold would deny: the
    /// orchestrator asks only about lines that it knows to be free, so the outcome that frees the
    /// line is on its way.
    static let patienceSeconds: Int64 = 5

    let context: WorkerContext

    func handle(_ batch: [Incoming]) async throws -> Handled {
        let product = context.product
        let decoded = batch.map { incoming in
            Decoded(incoming, expecting: RefundCheck.messageType) { body throws(MessageFault) in
                let check = try RefundCheck.decode(body)
                guard check.product == product else {
                    throw MessageFault(
                        .invalidMessage, path: "/product", "The check is for another product.")
                }
                return check
            }
        }
        let now = context.clock()
        let answers = try await answer(decoded, now: now)
        return Handled(
            dispositions: zip(decoded, answers).map { decoded, answer in
                answer == .putOff
                    ? .wait(detail: "Another request's outcome is awaited for a line.")
                    : decoded.disposition
            },
            messages: zip(decoded, answers).compactMap { decoded, answer in
                guard case .result(let result) = answer else { return nil }
                return result.message(trace: decoded.incoming.trace, now: now)
            })
    }

    fileprivate enum Answer: Sendable, Hashable {
        case none, putOff
        case result(RefundResult)

        init(_ result: RefundResult?) { self = result.map { .result($0) } ?? .none }
    }

    private func answer(
        _ messages: [Decoded<RefundCheck>], now: Instant
    ) async throws -> [Answer] {
        let checks = messages.compactMap(\.value)
        guard !checks.isEmpty else { return messages.map { _ in .none } }
        let rules = context.rules
        let due = now.advanced(by: context.factsWait)
        return try await context.withDesks(of: checks.map(\.orderID)) { session, store in
            let finished = try FinishedCases(connection: session.connection)
                .among(checks.lazy.filter { !$0.dryRun }.map(\.caseID))
            let facts = try store.load(checks.flatMap(\.lineKeys))
            return messages.map { message -> Answer in
                guard let check = message.value, !finished.contains(check.caseID) else {
                    return .none
                }
                let facts = facts[check.orderID] ?? [:]
                if check.dryRun {
                    return Answer(
                        session[check.orderID].advice(on: check, by: rules, facts: facts))
                }
                if message.incoming.hasPatience(now), session[check.orderID].isInTheWay(of: check) {
                    return .putOff
                }
                return Answer(
                    session.update(check.orderID) { desk in
                        desk.receive(
                            check, traceparent: message.incoming.trace.traceparent, by: rules,
                            facts: facts, due: due)
                    })
            }
        }
    }
}

extension Incoming {
    /// Whether the check may be put off (once more).
    fileprivate func hasPatience(_ now: Instant) -> Bool {
        guard let firstFailedAt else { return true }
        guard let since = Instant(rfc3339: firstFailedAt) else { return false }
        return now < since.advanced(bySeconds: CheckHandler.patienceSeconds)
    }
}

extension RefundCheck {
    /// The keys of its lines.
    var lineKeys: [LineKey] { lines.map { LineKey(orderID: orderID, lineID: $0.lineID) } }
}

extension Instant {
    /// Later by that time, which is at least zero.
    func advanced(by duration: Duration) -> Instant {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = Int64(self.nanoseconds) + attoseconds / 1_000_000_000
        return Instant(
            seconds: self.seconds + seconds + nanoseconds / 1_000_000_000,
            nanoseconds: Int32(nanoseconds % 1_000_000_000))
    }
}
