import CPostgres

/// Where a PostgreSQL database is, exactly as libpq reads it: `postgres://` or `postgresql://`, one
/// or several hosts, parameters (`sslmode=verify-full`, `sslrootcert`, `passfile`, `options` …),
/// percent-encoding, sockets (`postgres:///refunds?host=/run/postgresql`).
///
/// It may hold a password, so it never shows more than hosts and database.
public struct PostgresURI: Sendable, Hashable {
    /// libpq's parameters that are given, by keyword.
    let parameters: [String: String]

    /// - Throws: `DatabaseError.unusable` where libpq cannot read it, in a sentence without any of it.
    public init(_ text: String) throws(DatabaseError) {
        var complaint: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &complaint) else {
            let reason = complaint.map { Self.unquoted(String(cString: $0)) } ?? "out of memory"
            PQfreemem(complaint)
            throw DatabaseError(
                .unusable,
                "The database URL cannot be read (\(reason)); write "
                    + "postgres://user@host:5432/database, special characters as %40.")
        }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val, value.pointee != 0 {
                parameters[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        self.parameters = parameters
    }

    /// One for each host, since only a client that waits for each in turn gets past one that is
    /// silent: libpq's non-blocking calls leave that to their caller.
    var candidates: [[String: String]] {
        let lists = ["host", "hostaddr", "port"].compactMap { key in
            parameters[key].map {
                (key, $0.split(separator: ",", omittingEmptySubsequences: false))
            }
        }
        let count = lists.filter { $0.0 != "port" }.map(\.1.count).max() ?? 1
        return (0..<count).map { index in
            var candidate = parameters
            for (key, list) in lists where list.count == count {
                candidate[key] = list[index].isEmpty ? nil : String(list[index])
            }
            return candidate
        }
    }

    /// What libpq quotes in its complaints are pieces of the URL, of the password too.
    private static func unquoted(_ complaint: String) -> String {
        let parts = complaint.split(separator: "\"", omittingEmptySubsequences: false)
        let kept = parts.enumerated().map { $0.offset.isMultiple(of: 2) ? String($0.element) : "…" }
        return kept.joined().filter { !$0.isNewline }
    }
}

extension PostgresURI: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Hosts and database.
    public var description: String {
        let hosts = parameters["host"] ?? parameters["hostaddr"] ?? ""
        let ports = parameters["port"].map { ":" + $0 } ?? ""
        let place = hosts.hasPrefix("/") ? "" : hosts + ports
        return "postgres://\(place)/\(parameters["dbname"] ?? "")"
    }

    /// The same.
    public var debugDescription: String { description }

    /// Hides the parameters from `dump` and from reflecting printers.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
