import CPostgres
import Glibc

extension PostgresLink {
    /// Connects to the first host that lets us in and can be written to.
    static func connect(
        _ uri: PostgresURI, _ options: PostgresOptions
    ) throws(PostgresFailure) -> PostgresLink {
        var failures: [PostgresFailure] = []
        for candidate in uri.candidates {
            do throws(PostgresFailure) {
                return try connect(candidate, options)
            } catch {
                failures.append(error)
            }
        }
        // One that may come back says more than one that never will.
        let hope = failures.first { $0.error.code == .unavailable } ?? failures[0]
        let words = failures.map(\.error.message).joined(separator: "; ")
        throw PostgresFailure(.lost, hope.error.code, words)
    }

    private static func connect(
        _ given: [String: String], _ options: PostgresOptions
    ) throws(PostgresFailure) -> PostgresLink {
        let parameters = defaults.merging(given) { $1 }.merging(required) { $1 }
        let handle = start(parameters)
        guard let handle else { throw .lost("libpq has no memory for a connection") }
        let link = PostgresLink(handle, patience: options.statementTimeout + PostgresLimits.grace)
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        // The only way to learn a SQLSTATE before the connection stands.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        try link.complete(until: .now + options.connectTimeout)
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            throw link.lost()
        }
        try link.introduce(options)
        return link
    }

    /// Overridden by what the URL says.
    private static let defaults = [
        "fallback_application_name": "refund-workers",
        // After a failover the former primary is read-only, and not what is looked for.
        "target_session_attrs": "read-write",
        // Looking for Kerberos tickets costs more than the rest of connecting.
        "gssencmode": "disable",
    ]
    private static let required = ["client_encoding": "UTF8"]

    private static func start(_ parameters: [String: String]) -> OpaquePointer? {
        let pairs = parameters.map { (strdup($0.key), strdup($0.value)) }
        defer {
            for pair in pairs {
                free(pair.0)
                free(pair.1)
            }
        }
        let keys = pairs.map { UnsafePointer($0.0) } + [nil]
        let values = pairs.map { UnsafePointer($0.1) } + [nil]
        return PQconnectStartParams(keys, values, 0)
    }

    private func complete(until deadline: ContinuousClock.Instant) throws(PostgresFailure) {
        var wanted = PGRES_POLLING_WRITING
        while PQstatus(handle) != CONNECTION_BAD {
            guard wanted != PGRES_POLLING_OK else { return }
            guard wanted != PGRES_POLLING_FAILED else { break }
            let events = Int16(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT)
            guard Self.poll(handle, events, until: deadline) != 0 else {
                let host = PQhost(handle).map { String(cString: $0) } ?? ""
                throw .lost("no connection to \"\(host)\" came about in time")
            }
            wanted = PQconnectPoll(handle)
        }
        throw refusal()
    }

    /// Why the server, or libpq, did not let us in.
    private func refusal() -> PostgresFailure {
        let words = Self.complaint(handle)
        // FATAL:  28P01: password authentication failed for user "refund" LOCATION:  …
        let text = words.firstRange(of: " LOCATION:  ").map { String(words[..<$0.lowerBound]) }
        if let text, let mark = text.firstRange(of: "FATAL:  ") {
            let state = String(text[mark.upperBound...].prefix(5))
            let code = PostgresError.code(state)
            return PostgresFailure(.lost, code, "PostgreSQL: \(text)")
        }
        // Its certificate will be the same next time.
        let isForged = words.contains("certificate")
        return PostgresFailure(
            .lost, isForged ? .unusable : .unavailable, "PostgreSQL: \(text ?? words)")
    }
}
