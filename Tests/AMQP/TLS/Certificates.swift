import Foundation
import TestSupport

/// Keys and certificates made by openssl(1) in a folder of their own, for one run of the tests.
struct Certificates {
    let folder: String

    /// PEM file of the certificate of that name.
    func certificate(_ name: String) -> String { "\(folder)/\(name).pem" }
    /// PEM file of its key.
    func key(_ name: String) -> String { "\(folder)/\(name).key" }

    init(in folder: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
    }

    /// One that signed itself; with it others can be signed.
    func makeSelfSigned(_ name: String, names: String = "") async throws {
        try await openssl(
            ["req", "-x509", "-subj", "/CN=\(name)", "-days", "2", "-out", certificate(name)]
                + keyOptions(name) + extensions(names))
    }

    /// One signed by another. Negative days: it has expired.
    func make(_ name: String, names: String = "", by authority: String, days: Int = 2) async throws
    {
        let request = "\(folder)/\(name).csr"
        try await openssl(
            ["req", "-subj", "/CN=\(name)", "-out", request] + keyOptions(name) + extensions(names))
        try await openssl([
            "x509", "-req", "-in", request, "-copy_extensions", "copy", "-days", "\(days)",
            "-CA", certificate(authority), "-CAkey", key(authority), "-CAcreateserial",
            "-out", certificate(name),
        ])
    }

    /// One that is valid in days to come only. `openssl x509` knows no beginning, `openssl ca` does.
    func makeEarly(_ name: String, names: String, by authority: String) async throws {
        let (request, settings) = ("\(folder)/\(name).csr", "\(folder)/\(name).conf")
        try await openssl(
            ["req", "-subj", "/CN=\(name)", "-out", request] + keyOptions(name) + extensions(names))
        try "".write(toFile: "\(folder)/issued", atomically: true, encoding: .utf8)
        try """
        [early]
        database = \(folder)/issued
        new_certs_dir = \(folder)
        rand_serial = yes
        default_md = sha256
        copy_extensions = copy
        policy = names
        [names]
        commonName = supplied
        """.write(toFile: settings, atomically: true, encoding: .utf8)
        try await openssl([
            "ca", "-batch", "-config", settings, "-name", "early", "-in", request,
            "-cert", certificate(authority), "-keyfile", key(authority), "-notext",
            "-startdate", "20900101000000Z", "-enddate", "20910101000000Z",
            "-out", certificate(name),
        ])
    }

    /// The same key, behind a passphrase.
    func lock(_ name: String, as locked: String) async throws {
        try await openssl([
            "ec", "-aes256", "-passout", "pass:secret", "-in", key(name), "-out", key(locked),
        ])
    }

    private func keyOptions(_ name: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key(name)]
    }

    private func extensions(_ names: String) -> [String] {
        names.isEmpty ? [] : ["-addext", "subjectAltName=\(names)"]
    }

    private func openssl(_ arguments: [String]) async throws {
        let ending = try await Command.run("/usr/bin/openssl", arguments)
        guard ending.status == 0 else {
            throw SupportFailure("openssl \(arguments) failed: \(ending.output)")
        }
    }
}
