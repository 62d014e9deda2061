/// A database engine that the services' stores run on.
public enum Engine: String, CaseIterable, Sendable {
    case sqlite, postgres

    /// The one that the running test is for.
    @TaskLocal public static var current = Engine.sqlite
}

// A release build without dynamic libraries builds this target too, and has no Testing.
#if canImport(Testing)
    public import Testing

    /// Runs each test once for each engine, which its databases (``StoreScratch``) then are of. An
    /// issue names the engine.
    public struct EveryEngine: TestTrait, SuiteTrait, TestScoping {
        /// A suite's own is for each of its tests.
        public var isRecursive: Bool { true }

        /// Of each test case.
        public func scopeProvider(for test: Test, testCase: Test.Case?) -> EveryEngine? {
            testCase == nil ? nil : self
        }

        /// Runs it on one engine after the other.
        @concurrent
        public func provideScope(
            for test: Test, testCase: Test.Case?,
            performing function: @concurrent @Sendable () async throws -> Void
        ) async throws {
            for engine in Engine.allCases {
                let naming = IssueHandlingTrait.compactMapIssues { issue in
                    var issue = issue
                    issue.comments.append("on \(engine)")
                    return issue
                }
                try await Engine.$current.withValue(engine) {
                    try await naming.provideScope(
                        for: test, testCase: testCase, performing: function)
                }
            }
        }
    }

    extension Trait where Self == EveryEngine {
        /// Once for each engine.
        public static var everyEngine: EveryEngine { EveryEngine() }
    }
#endif
