import Database
import RefundMessages
import RefundService

/// The desks of some orders inside one transaction: loaded at once and locked, changed in memory,
/// stored at once.
struct DeskSession {
    private static let guarding = RowStatement.insert(
        into: "orders", ["order_id": .text, "state": .blob], "ON CONFLICT DO NOTHING")
    private static let load = RowStatement.select(
        "state", from: "orders", where: "order_id = $1", .text, locking: true)
    private static let store = RowStatement.insert(
        into: "orders", ["order_id": .text, "state": .blob, "wake_at": .integer],
        "ON CONFLICT (order_id) DO UPDATE SET state = excluded.state, wake_at = excluded.wake_at")
    private static let remove = RowStatement.delete(from: "orders", where: "order_id = $1", .text)

    let connection: any SQLConnection
    private var desks: [String: OrderDesk] = [:]
    private var changed: Set<String> = []

    /// Loads the desks of those orders, in one order for all instances, so that two that take the
    /// same ones wait for each other instead of blocking each other.
    ///
    /// - Throws: ``Overtaken`` where another instance made one of them meanwhile.
    init(_ connection: any SQLConnection, orders: some Sequence<String>) throws {
        self.connection = connection
        let ids = Set(orders).sorted()
        let found = try connection.query(Self.load, ids.map { [.text($0)] })
        for (id, rows) in zip(ids, found) {
            guard let row = rows.first else { continue }
            desks[id] = try OrderDesk.decode(row.blob(0))
        }
        let missing = ids.filter { desks[$0] == nil }
        guard !connection.forUpdate.isEmpty, !missing.isEmpty else { return }
        // A row that is not there cannot be locked. What stays empty is deleted by `save()`.
        let empty = OrderDesk().jsonBytes()
        let count = try connection.execute(
            Self.guarding, missing.map { [.text($0), .blob(empty)] })
        guard count == missing.count else { throw Overtaken() }
        changed.formUnion(missing)
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
        try connection.execute(
            Self.store,
            ids.filter { !self[$0].isEmpty }.map { id in
                let desk = self[id]
                return [
                    .text(id), .blob(desk.jsonBytes()),
                    desk.wakeAt.map { .integer($0.milliseconds) } ?? .null,
                ]
            })
        try connection.execute(
            Self.remove,
            ids.filter { self[$0].isEmpty }.map { [.text($0)] })
    }
}
