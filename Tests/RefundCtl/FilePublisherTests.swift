import AMQP
import Foundation
import RefundMessages
import Testing

@testable import RefundCtl

struct FilePublisherTests {
    private static let good = #"{"exchange":"refund.facts","routingKey":"order","body":{}}"#

    /// Publishes a file of that text; the batches' sizes are recorded.
    private func publish(
        _ text: String, outcome: PublishOutcome = .confirmed
    ) async throws -> (report: FilePublisher.Report, batches: [Int]) {
        let path = NSTemporaryDirectory() + UUID().uuidString
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        var batches: [Int] = []
        var publisher = FilePublisher(send: { messages in
            batches.append(messages.count)
            return messages.map { _ in outcome }
        })
        let report = try await publisher.publish(try LineReader(path))
        return (report, batches.filter { $0 > 0 })
    }

    @Test func everyLineIsPublishedInBoundedBatches() async throws {
        let lines = Array(repeating: Self.good, count: 1_201).joined(separator: "\n")
        let (report, batches) = try await publish(lines)
        #expect(report == FilePublisher.Report(confirmed: 1_201))
        #expect(batches == [500, 500, 201])
    }

    @Test func largeBodiesEndABatchEarly() async throws {
        let large = Self.good.replacing(
            "{}", with: "{\"a\":\"\(String(repeating: "x", count: 600_000))\"}")
        let (_, batches) = try await publish([large, large, large].joined(separator: "\n"))
        #expect(batches == [2, 1])
    }

    @Test func emptyLinesAndWindowsLineBreaksAreSkipped() async throws {
        let (report, _) = try await publish("\r\n\(Self.good)\r\n\n  \n\(Self.good)\n")
        #expect(report.confirmed == 2)
    }

    @Test func aWrongLineStopsWithItsNumberAfterWhatStandsBeforeIt() async throws {
        let failure = await #expect(throws: CommandFailure.self) {
            try await publish("\(Self.good)\n\(Self.good)\n{\"exchange\":1}\n\(Self.good)")
        }
        #expect(failure?.code == .badInput)
        #expect(failure?.description.contains("line 3:") == true)
        #expect(failure?.description.contains("Published before it: 2.") == true)
    }

    @Test(arguments: [
        (PublishOutcome.returned(code: 312, text: "NO_ROUTE"), "312 NO_ROUTE"),
        (.nacked, "refused"), (.unconfirmed, "may or may not"),
    ])
    func whatDidNotArriveIsReportedByLine(outcome: PublishOutcome, words: String) async throws {
        let (report, _) = try await publish("\n\(Self.good)", outcome: outcome)
        #expect(report.confirmed == 0)
        #expect(report.failures.map(\.line) == [2])
        #expect(report.failures[0].reason.contains(words))
    }

    @Test func aLineWithoutEndIsRefused() async throws {
        let failure = await #expect(throws: CommandFailure.self) {
            try await publish(String(repeating: "x", count: LineReader.maxLineBytes + 100_000))
        }
        #expect(failure?.description.contains("line 1: longer than") == true)
    }
}
