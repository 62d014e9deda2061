import Database

/// What became of something that was cut off everywhere.
public struct Interruptions: Sendable {
    /// What was in the tables before, after each cut, and at the end; nothing twice in a row.
    public fileprivate(set) var states: [[String: [String]]]
    /// Points at which it was cut off.
    public fileprivate(set) var cuts = 0
}

extension InterruptedDatabase {
    /// More than anything has points, over all the states that it passes.
    private static let mostCuts = 500

    /// Does something again and again, cut off at each point in turn, and at last whole. Where a cut
    /// left something durable it begins with the first point again: what comes again goes another way
    /// then.
    ///
    /// - Parameters:
    ///   - tables: whose contents are compared.
    ///   - left: looks at what each cut left.
    public func interrupt(
        _ tables: [String], _ body: () async throws -> Void,
        left: (_ point: Int) async throws -> Void = { _ in }
    ) async throws -> Interruptions {
        var course = Interruptions(states: [try await contents(of: tables)])
        var point = 1
        while course.cuts < Self.mostCuts {
            cut(at: point)
            do { try await body() } catch is Interrupted {}
            // What the process caught itself is a cut too.
            let wasCut = isCut
            cut(at: nil)
            try await left(point)
            let state = try await contents(of: tables)
            let isNew = state != course.states.last
            if isNew { course.states.append(state) }
            guard wasCut else { return course }
            course.cuts += 1
            point = isNew ? 1 : point + 1
        }
        throw DatabaseError(
            .statement, "What was cut off \(Self.mostCuts) times does not come to an end.")
    }
}
