import Database
import RefundMessages
import RefundService

/// The desks of some orders inside one transaction: loaded at once and locked, changed in memory,
/// stored at once.
struct DeskSession {
    let connection: any SQLConnection
    private var desks: [String: OrderDesk] = [:]
    private var changed: Set<String> = []

    /// Loads the desks of those orders, in one order for all instances, so that two that take the
    /// same ones wait for each other instead of blocking each other.
    init(_ connection: any SQLConnection, orders: some Sequence<String>) throws {
        self.connection = connection
        let ids = Set(orders).sorted()
        let keys = ids.map { [SQLValue.text($0)] }
        if !connection.forUpdate.isEmpty {
            // A row that is not there cannot be locked. What stays empty is deleted by `save()`.
            let empty = OrderDesk().jsonBytes()
            try connection.executeEach(
                "INSERT INTO orders (order_id, state) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                ids.map { [.text($0), .blob(empty)] })
        }
        let rows = try connection.queryEach(
            "SELECT state FROM orders WHERE order_id = $1\(connection.forUpdate)", keys)
        for (id, row) in zip(ids, rows) {
            guard let row = row.first else {
                // Another instance deleted it meanwhile: nothing is locked.
                guard connection.forUpdate.isEmpty else { throw Overtaken() }
                continue
            }
            let desk = try OrderDesk.decode(row.blob(0))
            desks[id] = desk
            if desk.isEmpty { changed.insert(id) }
        }
    }

    /// The desk of a loaded order; empty where there is none.
    subscript(orderID: String) -> OrderDesk { desks[orderID] ?? OrderDesk() }

    /// Changes a desk; `save()` stores it.
    mutating func update<Result>(
        _ orderID: String, _ change: (inout OrderDesk) -> Result
    ) -> Result {
        changed.insert(orderID)
        return change(&desks[orderID, default: OrderDesk()])
    }

    /// Stores the desks that changed.
    func save() throws {
        let ids = changed.sorted()
        try connection.executeEach(
            """
            INSERT INTO orders (order_id, state, wake_at) VALUES ($1, $2, $3)
            ON CONFLICT (order_id) DO UPDATE SET state = excluded.state, wake_at = excluded.wake_at
            """,
            ids.filter { !self[$0].isEmpty }.map { id in
                let desk = self[id]
                return [
                    .text(id), .blob(desk.jsonBytes()),
                    desk.wakeAt.map { .integer($0.milliseconds) } ?? .null,
                ]
            })
        try connection.executeEach(
            "DELETE FROM orders WHERE order_id = $1",
            ids.filter { self[$0].isEmpty }.map { [.text($0)] })
    }
}
