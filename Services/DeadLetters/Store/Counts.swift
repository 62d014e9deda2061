import Database

/// One dead letter's way from one state to another, with what it is counted by.
struct StateChange: Sendable {
    var id: Int64
    var queue: String?
    var reason: String
    var fingerprint: String
    /// Nil for one that is new.
    var from: RecordState?
    /// Nil for one that is evicted.
    var to: RecordState?
}

/// The kept counts. They change in the transaction of what they count.
enum Counts {
    private struct TallyKey: Hashable {
        var queue: String
        var reason: String
        var state: RecordState
    }

    private struct KindKey: Hashable {
        var fingerprint: String
        var state: RecordState
    }

    /// Counts the changes of dead letters whose kinds are known.
    static func note(_ changes: [StateChange], in connection: any SQLConnection) throws {
        var tallies: [TallyKey: Int64] = [:]
        var kinds: [KindKey: Int64] = [:]
        for change in changes {
            for (state, step) in [(change.from, Int64(-1)), (change.to, 1)] {
                guard let state else { continue }
                tallies[
                    TallyKey(queue: change.queue ?? "", reason: change.reason, state: state),
                    default: 0] += step
                kinds[KindKey(fingerprint: change.fingerprint, state: state), default: 0] += step
            }
        }
        try connection.executeEach(
            """
            INSERT INTO tallies (queue, reason, state, count) VALUES ($1, $2, $3, $4)
            ON CONFLICT (queue, reason, state) DO UPDATE SET count = tallies.count + excluded.count
            """,
            tallies.filter { $0.value != 0 }.map { key, step in
                [.text(key.queue), .text(key.reason), .text(key.state.rawValue), .integer(step)]
            })
        for state in RecordState.allCases {
            // A state's column has its name.
            try connection.executeEach(
                """
                UPDATE kinds SET \(state.rawValue) = \(state.rawValue) + $2, total = total + $2
                WHERE fingerprint = $1
                """,
                kinds.filter { $0.key.state == state && $0.value != 0 }.map { key, step in
                    [.text(key.fingerprint), .integer(step)]
                })
        }
    }
}

extension SQLConnection {
    /// Takes that many numbers of a counter; returns the first. They are never given again.
    func take(_ count: Int64 = 1, of counter: String) throws(DatabaseError) -> Int64 {
        try execute(
            "UPDATE counters SET value = value + $2 WHERE name = $1",
            [.text(counter), .integer(count)])
        let rows = try query("SELECT value FROM counters WHERE name = $1", [.text(counter)])
        guard let row = rows.first else {
            throw DatabaseError(.unusable, "The counter \(counter) is missing from the database.")
        }
        return try row.integer(0) - count + 1
    }
}
