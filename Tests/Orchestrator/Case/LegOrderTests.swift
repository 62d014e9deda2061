import RefundMessages
import Testing

@testable import Orchestrator

@Suite("No order of news pays twice, forgets the balance or depends on itself")
struct LegOrderTests {
    typealias Sample = LegSample

    static let news: [ProviderAnswer] = [
        Sample.accepted, Sample.action, Sample.paid, Sample.closed, Sample.disputed,
        Sample.noFunds, Sample.silent, .notFound,
    ]

    /// Every sequence of up to five of `count` things, duplicates included.
    static func sequences(of count: Int, _ body: ([Int]) -> Void) {
        for length in 1...5 {
            var indices = [Int](repeating: 0, count: length)
            while true {
                body(indices)
                var position = length - 1
                while position >= 0, indices[position] == count - 1 {
                    indices[position] = 0
                    position -= 1
                }
                guard position >= 0 else { break }
                indices[position] += 1
            }
        }
    }

    @Test func `at every point money is out once at most, or somebody was alerted`() {
        var checked = 0
        Self.sequences(of: Self.news.count) { order in
            var sample = Sample()
            sample.begin()
            for index in order {
                sample.answer(Self.news[index])
                let fault = Self.fault(of: sample)
                #expect(fault == nil, "\(order): \(fault ?? "")")
                // As it would be driven on.
                if let next = sample.leg.nextAttemptAt, sample.wait ?? .max < 3_600 {
                    sample.now = max(sample.now, next)
                    sample.begin()
                }
            }
            if !order.contains(3) { #expect(sample.leg.books.credited == 0, "\(order)") }
            checked += 1
        }
        #expect(checked == 8 + 64 + 512 + 4_096 + 32_768)
    }

    /// What is wrong with a leg, if anything is.
    static func fault(of sample: LegSample) -> String? {
        let books = sample.leg.books
        guard books == Leg.Books(of: sample.posted) else { return "books are not the postings" }
        guard (0...1).contains(books.paid), (0...1).contains(books.credited) else {
            return "twice the same way"
        }
        if books.paid + books.credited > 1 {
            guard sample.leg.exceptionReason == .doublePayout,
                sample.alerts.contains(.doublePayout)
            else { return "paid twice in silence" }
        }
        switch sample.leg.state {
        case .succeeded where books != Leg.Books(owed: 1, paid: 1): return "succeeded unpaid"
        case .credited where books != Leg.Books(owed: 1, credited: 1): return "credited unposted"
        case .submitting, .unknown, .pending, .requiresAction, .failed, .crediting:
            return books == Leg.Books(owed: 1) ? nil : "open, and money moved"
        default: return nil
        }
    }

    /// What a provider says of a refund that it may take back again.
    static let words: [ProviderAnswer] = [
        Sample.accepted, Sample.action, Sample.paid, Sample.closed, Sample.disputed,
        Sample.noFunds,
    ]

    @Test func `every order of the same news with the same final word ends the same`() {
        var ends: [[Int]: Set<String>] = [:]
        Self.sequences(of: Self.words.count) { order in
            guard let last = order.last, last >= 2 else { return }
            var sample = Sample()
            sample.begin()
            for index in order { sample.answer(Self.words[index]) }
            let leg = sample.leg
            let reason = leg.exceptionReason.map(\.rawValue) ?? ""
            ends[order.sorted() + [last], default: []].insert(
                "\(leg.state.rawValue) \(reason) \(leg.books)")
        }
        #expect(ends.count > 500)
        for (news, end) in ends { #expect(end.count == 1, "\(news): \(end)") }
    }
}
