import Foundation
import RefundMessages
import Testing

extension IntegrationTests {
    /// Each product from the storefront's message to the last outcome, through the real processes.
    @Suite struct ProductTests {
        @Test(
            "A line that nothing was made of is refunded in full", .timeLimit(.minutes(10)),
            arguments: Product.allCases)
        func anUnusedLineIsRefunded(_ product: Product) async throws {
            let system = try await RefundSystem.shared()
            let scenario = ScenarioKind.unused(product).scenario("unused-\(UUID())")
            let outcome = try #require(try await system.run(scenario))
            #expect(outcome.orderStatus == "refund_succeeded")
            #expect(outcome.lines.map(\.product) == [product])
            #expect(outcome.lines.map(\.resourceStatus) == [product == .pca ? "refunded" : nil])
        }

        @Test(
            "A line in use is not refunded", .timeLimit(.minutes(10)), arguments: Product.allCases)
        func aUsedLineIsNotRefunded(_ product: Product) async throws {
            let system = try await RefundSystem.shared()
            let scenario = ScenarioKind.used(product).scenario("used-\(UUID())")
            let outcome = try #require(try await system.run(scenario))
            #expect(outcome.orderStatus == nil)
            #expect(outcome.refund == nil)
        }
    }
}
