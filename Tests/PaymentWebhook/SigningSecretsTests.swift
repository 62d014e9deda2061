import Synchronization
import Testing
import WorkerRuntime

@testable import PaymentWebhook

@Suite struct SigningSecretsTests {
    private static let one = "whsec_0123456789abcdef", other = "whsec_fedcba9876543210"

    @Test(arguments: [
        (one, [one]), ("\(one)\n", [one]), ("\(one)\n\(other)\n", [one, other]),
        ("\r\n  \(one) \r\n\n\t\(other)\r\n", [one, other]),
    ])
    func aFileHasOneSecretALine(_ text: String, _ secrets: [String]) {
        #expect(SigningSecrets.parse(text) == secrets.map { Array($0.utf8) })
    }

    @Test(arguments: [
        "", "\n \n", "\(one) \(other)", "\(one)\n\(other)\n\(one)", "sk_live_0123456789abcdef",
        "whsec_short", "\(one)\nsecret", "# \(one)", "whsec_0123456789äbcdef",
        "whsec_" + String(repeating: "x", count: 250),
    ])
    func anythingElseIsRefused(_ text: String) { #expect(SigningSecrets.parse(text) == nil) }

    @Test func whatCannotBeReadAgainChangesNothing() throws {
        let file = FakeFile(Self.one)
        let secrets = try SigningSecrets { () throws(ConfigurationFault) in try file.read() }
        file.text.withLock { $0 = "" }
        #expect(throws: ConfigurationFault.self) { try secrets.reload() }
        #expect(secrets.current == [Array(Self.one.utf8)])
        file.text.withLock { $0 = "\(Self.one)\n\(Self.other)" }
        #expect(try secrets.reload() == 2)
        #expect(secrets.current == [Array(Self.one.utf8), Array(Self.other.utf8)])
    }

    /// In place of a file; the process's tests use a real one.
    private final class FakeFile: Sendable {
        let text: Mutex<String>

        init(_ text: String) { self.text = Mutex(text) }

        func read() throws(ConfigurationFault) -> [[UInt8]] {
            guard let secrets = SigningSecrets.parse(text.withLock { $0 }) else {
                throw ConfigurationFault("no secrets")
            }
            return secrets
        }
    }
}
