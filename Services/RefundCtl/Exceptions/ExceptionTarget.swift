import ArgumentParser
import RefundMessages

/// Which refund over which payment is meant.
struct ExceptionTarget: ParsableArguments {
    @Argument(
        help: "The request and the payment, as r-1/p-1; the request alone where one of it is meant."
    )
    var refund: String

    func validate() throws {
        let ids = refund.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard ids.count <= 2, ids.allSatisfy(isIdentifier) else {
            throw ValidationError("'\(refund.printable)' is no request, or request and payment.")
        }
    }

    /// Of a request alone, the one that is in exception.
    func path(_ api: APIClient) async throws -> [String] {
        ["exceptions"] + (try await legID(api)).split(separator: "/").map(String.init)
    }

    private func legID(_ api: APIClient) async throws -> String {
        guard !refund.contains("/") else { return refund }
        let found = try await api.json(["exceptions"], [("request", refund)])
        let legs = try found?.root["exceptions"].list(of: ExceptionRow.self).map(\.legID) ?? []
        guard let first = legs.first else {
            throw CommandFailure(.refused, "nothing of \(refund) is in exception")
        }
        guard legs.count == 1 else {
            throw CommandFailure(
                .refused, "\(refund) has several in exception: \(legs.joined(separator: ", "))")
        }
        return first
    }
}
