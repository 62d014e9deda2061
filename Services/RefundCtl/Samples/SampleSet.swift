import Foundation
import RefundMessages

/// A directory of samples: `1-….ndjson`, `2-….ndjson` … are published in the order of their names,
/// `expected.json` says what must come of it. See deploy/local/samples/README.md.
struct SampleSet {
    struct Phase {
        var name: String
        var lines: [MessageLine]

        /// Whether it asks for refunds; what follows then waits for an answer to each.
        var hasRequests: Bool { lines.contains { $0.exchange == "refund.requests" } }
    }

    var phases: [Phase]
    var expected: Expectations

    init(directory: String, template: Template) throws(CommandFailure) {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw CommandFailure(.badInput, "\(directory) is no directory that can be read")
        }
        phases = []
        for name in names.filter({ $0.hasSuffix(".ndjson") }).sorted() {
            phases.append(
                Phase(name: name, lines: try Self.lines("\(directory)/\(name)", template)))
        }
        guard !phases.isEmpty else {
            throw CommandFailure(.badInput, "\(directory) has no .ndjson file")
        }
        let file = "\(directory)/expected.json"
        guard let data = FileManager.default.contents(atPath: file) else {
            throw CommandFailure(.badInput, "\(file) cannot be read")
        }
        do {
            expected = try Expectations(json: try template.fill([UInt8](data)))
        } catch {
            throw CommandFailure(.badInput, "\(file): \(CommandFailure(of: error).description)")
        }
    }

    private static func lines(
        _ path: String, _ template: Template
    ) throws(CommandFailure) -> [MessageLine] {
        var reader = try LineReader(path)
        var lines: [MessageLine] = []
        while let bytes = try reader.next() {
            do {
                lines.append(try MessageLine(try template.fill(bytes)))
            } catch {
                let reason = CommandFailure(of: error).description
                throw CommandFailure(.badInput, "\(path), line \(reader.number): \(reason)")
            }
        }
        return lines
    }

    /// The requests of these phases that an outcome is expected for.
    func requestIDs(inFirst count: Int) -> Set<String> {
        let published = phases.prefix(count).flatMap(\.lines)
            .filter { $0.exchange == "refund.requests" }.compactMap(\.requestID)
        return Set(published).intersection(expected.outcomes.map(\.requestID))
    }
}
