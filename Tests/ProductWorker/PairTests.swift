import RefundMessages
import Testing

@testable import ProductWorker

/// A certificate and its managed service stay together (SSL-4).
@Suite("A certificate and its managed service")
struct PairTests {
    var desk = OrderDesk()
    let unused: [String: UsageFacts] = [
        "c": .certificates(CertificatesUsage(termYears: 1, certificates: []))
    ]

    mutating func receive(_ check: RefundCheck, known: Bool = true) -> [LineVerdict]? {
        desk.receive(
            check, traceparent: nil, by: StubPairRules.self, facts: known ? unused : [:],
            due: noon)?.lines
    }

    @Test("are denied together while another request has either of them", arguments: [0, 1])
    mutating func inProgress(_ taken: Int) {
        var other = RefundCheck.pair(id: "r-0")
        other.lines = [other.lines[taken]]
        #expect(receive(other)?.map(\.verdict) == [.eligible])
        let lines = receive(.pair())
        #expect(lines?.map(\.code) == [.refundInProgress, .refundInProgress])
        #expect(lines?.map(\.rules) == (taken == 0 ? [[], [.ssl4]] : [[], []]))
    }

    @Test("are denied together when the certificate was refunded")
    mutating func refunded() {
        desk.refunded = ["c"]
        let lines = receive(.pair())
        #expect(lines?.map(\.code) == [.alreadyRefunded, .alreadyRefunded])
        #expect(lines?.map(\.rules) == [[], [.ssl4]])
    }

    @Test("part where only the managed service was refunded: it is never paid again")
    mutating func serviceRefunded() {
        desk.refunded = ["m"]
        #expect(receive(.pair())?.map(\.code) == [.eligible, .alreadyRefunded])
    }

    @Test("go to review together when nothing is known of the certificate, each with its own cash")
    mutating func unknown() {
        #expect(receive(.pair(), known: false) == nil)
        let lines = desk.wake(by: StubPairRules.self, facts: [:], now: noon).first?.result.lines
        #expect(lines?.map(\.code) == [.usageUnknown, .usageUnknown])
        #expect(lines?.map(\.amount) == [100, 30])
        #expect(lines?.map(\.rules) == [[], [.ssl4]])
    }

    @Test("are released together by later usage of the certificate")
    mutating func released() {
        _ = receive(.pair())
        let used = UsageFacts.certificates(
            CertificatesUsage(
                termYears: 1,
                certificates: [
                    CertificateFacts(
                        certificateID: "x", sequence: 1, status: .issued, everIssued: true)
                ]))
        let results = desk.usageChanged(
            of: "c", by: StubPairRules.self, facts: ["c": used], now: noon)
        #expect(results.first?.result.lines.map(\.verdict) == [.denied, .denied])
        #expect(!desk.holds("c") && !desk.holds("m"))
    }
}
