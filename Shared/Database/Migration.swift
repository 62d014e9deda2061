/// One step of a schema's history. Forward only: what a released version ran is never edited, a
/// change is a new migration.
///
/// The SQL is what both engines share; bytes are `BLOB`, whole numbers `BIGINT`, flags `SMALLINT`.
public struct Migration: Sendable, Hashable {
    /// 1 for the first, then one more each.
    public let number: Int
    /// What it does, in a few words; recorded, so that another history is noticed.
    public let name: String
    /// Run in order.
    public let statements: [String]
    /// Tables whose rows the engine lets nobody change or remove from here on, by triggers.
    public let appendOnly: [String]

    /// One migration with its statements, run in order in one transaction, and then the tables that
    /// can only be added to from here on.
    public init(
        _ number: Int, _ name: String, _ statements: [String], appendOnly: [String] = []
    ) {
        self.number = number
        self.name = name
        self.statements = statements
        self.appendOnly = appendOnly
    }
}

/// What a database says of the migrations it has been through, judged against those known here.
enum MigrationPlan {
    /// The migrations still to be run, in order.
    ///
    /// - Parameter recorded: number and name of those that the database has, by number.
    /// - Throws: `DatabaseError.unusable` where the database is of a newer version than the program,
    ///   or of another history.
    static func pending(
        known: [Migration], recorded: [(number: Int, name: String)]
    ) throws(DatabaseError) -> ArraySlice<Migration> {
        for (index, migration) in known.enumerated() {
            precondition(
                migration.number == index + 1, "migrations are numbered 1, 2, 3 … without a gap")
        }
        guard recorded.count <= known.count else {
            throw DatabaseError(
                .unusable,
                "The database is at version \(recorded.count), newer than this program, which knows "
                    + "\(known.count); start the newer program, or restore a backup made before it."
            )
        }
        for (mine, theirs) in zip(known, recorded)
        where mine.number != theirs.number || mine.name != theirs.name {
            throw DatabaseError(
                .unusable,
                "The database's migration \(theirs.number) is \"\(theirs.name)\" where this program "
                    + "has \(mine.number) \"\(mine.name)\": it belongs to another program or service."
            )
        }
        return known[recorded.count...]
    }
}
