import Database

/// The service's own tables. Instants are milliseconds since 1970.
///
/// `dead_letters` has what is listed and filtered by, and is narrow, so that a page costs little
/// however large the bodies are; `contents` has the rest. `tallies` and `kinds` are counts kept in
/// the transaction of each change, so that nothing ever counts a million rows.
enum Schema {
    static let migrations: [Migration] = [
        Migration(1, "dead letters", records),
        Migration(2, "jobs, audit, alerts", jobs, appendOnly: ["audit"]),
        Migration(
            3, "leases",
            [
                """
                CREATE TABLE leases (
                    name TEXT PRIMARY KEY,
                    holder TEXT NOT NULL,
                    held_until BIGINT NOT NULL)
                """
            ]),
        Migration(4, "jobs at a glance", jobGroups),
    ]

    private static let records = [
        "CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
        "INSERT INTO counters (name, value) VALUES ('dead_letters', 0), ('jobs', 0), ('audit', 0)",
        """
        CREATE TABLE dead_letters (
            id BIGINT PRIMARY KEY,
            state TEXT NOT NULL,
            origin TEXT NOT NULL,
            reason TEXT NOT NULL,
            detail TEXT NOT NULL,
            path TEXT,
            fingerprint TEXT NOT NULL,
            type TEXT,
            message_id TEXT,
            queue TEXT,
            exchange TEXT NOT NULL,
            routing_key TEXT NOT NULL,
            consumer TEXT,
            attempts BIGINT NOT NULL,
            first_failed_at BIGINT NOT NULL,
            last_failed_at BIGINT NOT NULL,
            received_at BIGINT NOT NULL,
            changed_at BIGINT NOT NULL,
            sightings BIGINT NOT NULL,
            request_id TEXT,
            order_id TEXT,
            body_bytes BIGINT NOT NULL,
            replay_of BIGINT,
            failed_again_as BIGINT,
            job_id BIGINT)
        """,
        "CREATE INDEX dead_letters_state ON dead_letters (state, id)",
        "CREATE INDEX dead_letters_queue ON dead_letters (queue, id)",
        "CREATE INDEX dead_letters_reason ON dead_letters (reason, id)",
        "CREATE INDEX dead_letters_type ON dead_letters (type, id)",
        "CREATE INDEX dead_letters_fingerprint ON dead_letters (fingerprint, id)",
        """
        CREATE INDEX dead_letters_request ON dead_letters (request_id, id)
        WHERE request_id IS NOT NULL
        """,
        """
        CREATE INDEX dead_letters_order ON dead_letters (order_id, id)
        WHERE order_id IS NOT NULL
        """,
        "CREATE INDEX dead_letters_received ON dead_letters (received_at, id)",
        """
        CREATE INDEX dead_letters_ended ON dead_letters (state, changed_at)
        WHERE state IN ('resolved', 'discarded', 'replayed')
        """,
        """
        CREATE TABLE contents (
            id BIGINT PRIMARY KEY,
            properties BLOB NOT NULL,
            headers BLOB,
            body BLOB NOT NULL)
        """,
        // Every dead letter by all that was delivered of it, and by its message.
        "CREATE TABLE copies (copy_key BLOB PRIMARY KEY, id BIGINT NOT NULL)",
        "CREATE TABLE messages (message_key BLOB PRIMARY KEY, id BIGINT NOT NULL)",
        """
        CREATE TABLE kinds (
            fingerprint TEXT PRIMARY KEY,
            reason TEXT NOT NULL,
            path TEXT,
            type TEXT,
            total BIGINT NOT NULL,
            open BIGINT NOT NULL,
            replaying BIGINT NOT NULL,
            replayed BIGINT NOT NULL,
            resolved BIGINT NOT NULL,
            discarded BIGINT NOT NULL,
            first_at BIGINT NOT NULL,
            last_at BIGINT NOT NULL,
            last_id BIGINT NOT NULL)
        """,
        "CREATE INDEX kinds_total ON kinds (total, fingerprint)",
        "CREATE INDEX kinds_last ON kinds (last_id)",
        "CREATE INDEX kinds_type ON kinds (type)",
        """
        CREATE TABLE tallies (
            queue TEXT NOT NULL,
            reason TEXT NOT NULL,
            state TEXT NOT NULL,
            count BIGINT NOT NULL,
            PRIMARY KEY (queue, reason, state))
        """,
    ]

    private static let jobs = [
        """
        CREATE TABLE jobs (
            id BIGINT PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            request BLOB NOT NULL,
            action TEXT NOT NULL,
            state TEXT NOT NULL,
            principal TEXT NOT NULL,
            is_proven SMALLINT NOT NULL,
            note TEXT,
            queue TEXT,
            rate BIGINT NOT NULL,
            secret TEXT NOT NULL,
            starts_itself SMALLINT NOT NULL,
            position BIGINT NOT NULL,
            last_id BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            started_at BIGINT,
            finished_at BIGINT,
            total BIGINT NOT NULL,
            waiting BIGINT NOT NULL,
            sending BIGINT NOT NULL,
            done BIGINT NOT NULL,
            skipped BIGINT NOT NULL,
            failed BIGINT NOT NULL,
            fits BIGINT NOT NULL,
            fails BIGINT NOT NULL,
            depends BIGINT NOT NULL,
            unchecked BIGINT NOT NULL)
        """,
        "CREATE INDEX jobs_active ON jobs (id) WHERE state IN ('preparing', 'running')",
        """
        CREATE TABLE job_items (
            job_id BIGINT NOT NULL,
            record_id BIGINT NOT NULL,
            state TEXT NOT NULL,
            forecast TEXT,
            reason TEXT,
            path TEXT,
            detail TEXT,
            problem TEXT,
            changed_at BIGINT NOT NULL,
            PRIMARY KEY (job_id, record_id))
        """,
        """
        CREATE INDEX job_items_due ON job_items (job_id, state, record_id)
        WHERE state IN ('waiting', 'sending')
        """,
        "CREATE INDEX job_items_record ON job_items (record_id)",
        """
        CREATE TABLE edits (
            job_id BIGINT PRIMARY KEY,
            message_id TEXT NOT NULL,
            body BLOB NOT NULL)
        """,
        """
        CREATE TABLE audit (
            id BIGINT PRIMARY KEY,
            at BIGINT NOT NULL,
            principal TEXT NOT NULL,
            is_proven SMALLINT NOT NULL,
            action TEXT NOT NULL,
            job_id BIGINT,
            note TEXT,
            details BLOB NOT NULL)
        """,
        "CREATE INDEX audit_job ON audit (job_id, id)",
        """
        CREATE TABLE alerts (
            record_id BIGINT PRIMARY KEY,
            document BLOB NOT NULL,
            event_due SMALLINT NOT NULL,
            webhook_due SMALLINT NOT NULL,
            attempts BIGINT NOT NULL,
            due_at BIGINT NOT NULL)
        """,
    ]

    private static let jobGroups =
        [
            "ALTER TABLE jobs ADD COLUMN processed BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE jobs ADD COLUMN failed_again BIGINT NOT NULL DEFAULT 0",
            """
            CREATE TABLE job_groups (
                job_id BIGINT NOT NULL,
                key TEXT NOT NULL,
                queue TEXT,
                exchange TEXT NOT NULL,
                routing_key TEXT NOT NULL,
                state TEXT NOT NULL,
                forecast TEXT,
                reason TEXT,
                path TEXT,
                detail TEXT,
                problem TEXT,
                total BIGINT NOT NULL,
                example_id BIGINT NOT NULL,
                PRIMARY KEY (job_id, key))
            """,
            "CREATE INDEX job_groups_total ON job_groups (job_id, total DESC, example_id)",
            """
            CREATE INDEX job_items_failed ON job_items (job_id, record_id) WHERE state = 'failed'
            """,
            """
            CREATE INDEX dead_letters_failed_again ON dead_letters (job_id, id)
            WHERE failed_again_as IS NOT NULL
            """,
            // Jobs of an earlier version: counted as they are now.
            """
            INSERT INTO job_groups (job_id, key, queue, exchange, routing_key, state, forecast, reason,
                path, detail, problem, total, example_id)
            SELECT job_id, 'before-' || MIN(record_id), queue, exchange, routing_key, state, forecast,
                reason, path, MIN(detail), problem, COUNT(*), MIN(record_id)
            FROM (
                SELECT i.job_id AS job_id, i.record_id AS record_id,
                    COALESCE(j.queue, d.queue) AS queue,
                    CASE WHEN COALESCE(j.queue, d.queue) IS NULL THEN d.exchange ELSE '' END AS exchange,
                    COALESCE(j.queue, d.queue, d.routing_key) AS routing_key,
                    CASE WHEN i.state = 'skipped' THEN 'skipped' ELSE 'waiting' END AS state,
                    i.forecast AS forecast, i.reason AS reason, i.path AS path, i.detail AS detail,
                    CASE WHEN i.state = 'skipped' THEN i.problem END AS problem
                FROM job_items i JOIN jobs j ON j.id = i.job_id
                    JOIN dead_letters d ON d.id = i.record_id) AS items
            GROUP BY job_id, queue, exchange, routing_key, state, forecast, reason, path, problem
            """,
        ]
        + ["processed": "state = 'resolved'", "failed_again": failedAgain].sorted {
            $0.key < $1.key
        }
        .map { column, condition in
            """
            UPDATE jobs SET \(column) = counted.number FROM (
                SELECT job_id, COUNT(*) AS number FROM dead_letters
                WHERE job_id IS NOT NULL AND \(condition) GROUP BY job_id) AS counted
            WHERE counted.job_id = jobs.id
            """
        }

    private static let failedAgain = "failed_again_as IS NOT NULL AND state <> 'resolved'"
}
