import Foundation
import TestSupport

/// `localstripe` (PyPI): a stateful Stripe that somebody else wrote, so that what we send and read is
/// judged by another reader of Stripe's documentation than ourselves. A process of its own on
/// loopback, gone with this one.
///
/// Where it falls short of what Stripe documents, ``StripeFaultProxy`` supplies it: it knows no
/// idempotency keys, no limit of what was refunded from a charge, no refund but `succeeded`, no error
/// code on a refund, no charge `py_…`, and sends no event about refunds.
public final class LocalStripe: Sendable {
    /// Where it listens, on 127.0.0.1.
    public let port: Int
    private let process: ServiceProcess

    /// Installs it where it is not yet, and starts it.
    public static func start() async throws -> LocalStripe {
        let python = try await PythonEnvironment.python(
            "localstripe", requirements: "Tests/StripePeer/requirements.txt")
        let port = try FreePort.take()
        let process = try ServiceProcess(
            executable: python, name: "localstripe",
            arguments: [Repository.path("Tests/StripePeer/run_localstripe.py"), "\(port)"],
            environment: [:], httpPort: port)
        let peer = LocalStripe(port: port, process: process)
        // Without a key it refuses whatever is asked: that is an answer.
        let answers = await eventually(within: 120) {
            guard process.isRunning else { return true }
            return (try? await process.get("/v1/refunds").status) == 401
        }
        guard answers, process.isRunning else {
            throw SupportFailure("localstripe did not start; it printed:\n\(process.output)")
        }
        return peer
    }

    private init(port: Int, process: ServiceProcess) {
        self.port = port
        self.process = process
    }

    /// kill -9.
    public func stop() async throws { try await process.kill() }
}
