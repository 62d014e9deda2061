import Database
import Foundation
import TestSupport
import Testing

/// `sslmode=verify-full`, as libpq does it.
@Suite("TLS to PostgreSQL", .timeLimit(.minutes(10)))
struct PostgresTLSTests {
    /// A server with a certificate for `localhost` alone, and two authorities: its own and another.
    struct Rig {
        let server: PrivatePostgres
        let folder: URL

        init() async throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "refund-tls-\(UUID())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for name in ["authority", "stranger"] {
                try await Self.openssl(
                    ["req", "-x509", "-subj", "/CN=\(name)", "-days", "2"]
                        + Self.key(folder, name) + ["-out", folder.path + "/\(name).pem"])
            }
            try await Self.openssl(
                ["req", "-subj", "/CN=server", "-addext", "subjectAltName=DNS:localhost"]
                    + Self.key(folder, "server") + ["-out", folder.path + "/server.csr"])
            try await Self.openssl([
                "x509", "-req", "-in", folder.path + "/server.csr", "-copy_extensions", "copy",
                "-CA", folder.path + "/authority.pem", "-CAkey", folder.path + "/authority.key",
                "-CAcreateserial", "-days", "2", "-out", folder.path + "/server.pem",
            ])
            var files: [String: String] = [:]
            for name in ["server.pem", "server.key"] {
                files[name] = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            }
            server = try await PrivatePostgres.start(
                isDurable: false,
                configuration: """
                    ssl = on
                    ssl_cert_file = '../server.pem'
                    ssl_key_file = '../server.key'
                    """, files: files)
        }

        func url(host: String, authority: String) -> String {
            server.url(host: host)
                + "?sslmode=verify-full&sslrootcert=\(folder.path)/\(authority).pem"
        }

        private static func key(_ folder: URL, _ name: String) -> [String] {
            [
                "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", folder.path + "/\(name).key",
            ]
        }

        private static func openssl(_ arguments: [String]) async throws {
            let ending = try await Command.run("/usr/bin/openssl", arguments)
            guard ending.status == 0 else { throw SupportFailure(ending.output) }
        }
    }

    @Test("goes on with the right certificate alone, and names what is wrong with another")
    func verification() async throws {
        let rig = try await Rig()
        defer { try? FileManager.default.removeItem(at: rig.folder) }
        let database = try await PostgresRig.open(
            rig.url(host: "localhost", authority: "authority"))
        #expect(
            try await database.ask("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
                == .integer(1))
        let wrong = [
            ("127.0.0.1", "authority", "does not match host name"),
            ("localhost", "stranger", "certificate verify failed"),
            ("localhost", "missing", "does not exist"),
        ]
        for (host, authority, words) in wrong {
            let error = try await PostgresRig.refusal(rig.url(host: host, authority: authority))
            #expect(error.code == .unusable, "\(error)")
            #expect(error.message.contains(words), "\(error)")
        }
        try await rig.server.stop()
    }
}
