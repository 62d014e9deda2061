extension PostgresLink {
    /// Sets the session's bounds and looks at the server, in one round trip.
    func introduce(_ options: PostgresOptions) throws(PostgresFailure) {
        let settings = [
            ("statement_timeout", options.statementTimeout),
            ("lock_timeout", options.lockTimeout),
            ("idle_in_transaction_session_timeout", options.idleInTransactionTimeout),
        ].map { "set_config('\($0.0)', '\(Int($0.1 / .milliseconds(1)))', false)" }
        // A plan is made once, often while the table is empty, and kept when it is not: it must go by
        // the keys. And planning a small statement costs more than running it.
        let plans = [
            ("plan_cache_mode", "force_generic_plan"), ("enable_seqscan", "off"),
            ("enable_hashjoin", "off"), ("enable_mergejoin", "off"), ("jit", "off"),
        ].map { "set_config('\($0.0)', '\($0.1)', false)" }
        // A stronger setting of the administrator's stays.
        let commits = """
            set_config('synchronous_commit', CASE current_setting('synchronous_commit')
                WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)
            """
        let row = try ask(
            """
            SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
                (SELECT stats_reset::text FROM pg_stat_bgwriter), \(commits),
                \((plans + settings).joined(separator: ", "))
            """)
        guard case .integer(let version) = row[0], version >= PostgresLimits.oldestServer else {
            throw PostgresFailure(
                .final, .unusable, "The server is older than PostgreSQL 13; use a newer one.")
        }
        guard row[1] == .text("UTF8") else {
            throw PostgresFailure(
                .final, .unusable,
                "The database's encoding is not UTF8; create it with ENCODING 'UTF8'.")
        }
        // Without it no two connections agree, and an inquiry has no certain answer.
        epoch = if case .text(let text) = row[2] { text } else { "\(handle)" }
    }

    /// The only row of a query of the engine's own.
    func ask(_ sql: String) throws(PostgresFailure) -> [SQLValue] {
        try send(sql)
        try sendSync()
        var row: [SQLValue] = []
        try finish(1, of: sql) { _, result throws(DatabaseError) in
            row = try result.rows(of: sql).first?.values ?? []
        }
        return row
    }
}
