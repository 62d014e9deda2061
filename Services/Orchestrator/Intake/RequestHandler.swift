import Database
import RefundMessages
import RefundService
import Telemetry
import WorkerRuntime

/// `refund.requests`: opens a case for each new request, answers a repeated one.
struct RequestHandler: BatchHandler {
    let book: CaseBook
    let policy: RefundPolicy
    let calendar: RefundCalendar
    let limits: IntakeLimits

    func handle(_ batch: [Incoming]) async throws -> Handled {
        let decoded = batch.map { incoming in
            Decoded(incoming, expecting: RefundRequest.messageType, RefundRequest.decode)
        }
        let caseIDs = decoded.map { message in
            message.value.map { $0.dryRun ? message.incoming.dryRunCaseID : $0.requestID } ?? ""
        }
        return try await book.handle { session in
            try session.load(cases: caseIDs)
            try session.load(orders: decoded.compactMap(\.value?.orderID))
            var changes = CaseBook.Changes(dispositions: [], sendsChecks: true)
            for (message, caseID) in zip(decoded, caseIDs) {
                changes.dispositions.append(take(message, caseID, in: &session, &changes))
            }
            return changes
        }
    }

    private func take(
        _ message: Decoded<RefundRequest>, _ caseID: String, in session: inout CaseSession,
        _ changes: inout CaseBook.Changes
    ) -> Disposition {
        do throws(MessageFault) {
            let request = try message.result.get()
            let known = session.cases[caseID]?.value
            if let known, known.request.asksTheSame(as: request) {
                changes.touched.insert(known.caseID)
                changes.repeated.insert(known.caseID)
                return .done
            }
            try limits.check(request, now: session.now)
            guard known == nil else {
                throw MessageFault(
                    .requestConflict, path: "/requestId",
                    "The request id was used before, for a request with other content.")
            }
            guard let opened = try open(request, caseID, message.incoming, in: session) else {
                return .wait(detail: "the order is not known yet")
            }
            session.open(opened)
            changes.touched.insert(opened.caseID)
            return .done
        } catch {
            return .refused(error)
        }
    }

    /// The new case, nil where the order may still come.
    private func open(
        _ request: RefundRequest, _ caseID: String, _ incoming: Incoming,
        in session: CaseSession
    ) throws(MessageFault) -> RefundCase? {
        let traceparent = incoming.trace.traceparent
        guard let order = session.order(request.orderID),
            order.document.accountID == request.accountID
        else {
            guard request.dryRun || incoming.hasWaited(limits.orderWait, now: session.now) else {
                return nil
            }
            return .orderNotFound(
                request, caseID: caseID, traceparent: traceparent, policyVersion: policy.version,
                now: session.now)
        }
        try refuseUnknownLines(request, order.document)
        let standing = order.claims.mapValues { claim in
            claim.state == .refunded ? LineStanding.refunded : .inProgress
        }
        let assessment = GeneralRules.assess(
            request, caseID: caseID, order: order.document,
            lines: GeneralRules.requestedLines(
                request, order: order.document, standing: standing),
            standing: standing, policy: policy, calendar: calendar)
        return .open(
            request, caseID: caseID, traceparent: traceparent, order: order.document,
            assessment: assessment, policyVersion: policy.version, now: session.now)
    }

    private func refuseUnknownLines(
        _ request: RefundRequest, _ order: OrderPaid
    ) throws(MessageFault) {
        for (index, lineID) in (request.lines ?? []).enumerated()
        where !order.lines.contains(where: { $0.lineID == lineID }) {
            throw MessageFault(
                .unknownLine, path: "/lines/\(index)", "The order has no line of that id.")
        }
    }
}

/// Bounds of what is accepted. All in seconds.
struct IntakeLimits: Sendable, Hashable {
    /// How far `requestedAt` may lie ahead of the clock.
    static let maxAhead: Int64 = 300
    /// How old a request may be.
    var maxAge: Int64 = 30 * 86_400
    /// How long an unknown order is waited for; one of another account just as long.
    var orderWait: Int64 = 10

    func check(_ request: RefundRequest, now: Instant) throws(MessageFault) {
        if request.requestedAt > now.advanced(bySeconds: Self.maxAhead) {
            throw MessageFault(
                .requestedAtInFuture, path: "/requestedAt",
                "The request's time is more than \(Self.maxAhead / 60) minutes ahead of the clock.")
        }
        if request.requestedAt < now.advanced(bySeconds: -maxAge) {
            throw MessageFault(
                .requestedAtTooOld, path: "/requestedAt",
                "The request's time is more than \(maxAge / 86_400) days ago.")
        }
    }
}
