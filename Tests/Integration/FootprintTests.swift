import Foundation
import RefundMessages
import TestSupport
import Testing

extension IntegrationTests {
    /// What a product's worker costs.
    @Suite struct FootprintTests {
        #if DEBUG
            /// Unoptimised code, most of whose pages are read at the start, is larger and slower.
            private static let memoryLimit = 52 * 1_024 * 1_024
            private static let startLimit = Duration.seconds(3)
        #else
            private static let memoryLimit = 40 * 1_024 * 1_024
            private static let startLimit = Duration.seconds(1)
        #endif
        /// The machine may be busy with other tests: the best of so many starts counts, and of that
        /// one only the time in which the worker did not wait for a core.
        private static let starts = 4
        /// How long a worker is left alone before its memory is read.
        private static let idleTime = Duration.milliseconds(500)

        @Test(
            "An idle worker takes at most 40 MiB and consumes within a second (in release)",
            .timeLimit(.minutes(10)), arguments: Product.allCases)
        func aWorkerIsSmallAndQuick(_ product: Product) async throws {
            let system = try await RefundSystem.shared()
            let clock = ContinuousClock()
            var best = Duration.seconds(60)
            var memory = 0
            for _ in 0..<Self.starts {
                let start = clock.now
                let worker = try system.launch(.worker(of: product))
                try await worker.waitUntilReady()
                best = min(best, clock.now - start - worker.timeWaitedForCores())
                try await Task.sleep(for: Self.idleTime)
                memory = max(memory, try worker.residentBytes())
                system.forget(worker)
                #expect(try await worker.terminate() == 0)
                if best <= Self.startLimit { break }
            }
            print("\(product): consuming after \(best), \(memory / 1_024) KiB idle")
            #expect(best <= Self.startLimit)
            #expect(memory <= Self.memoryLimit)
        }
    }
}
