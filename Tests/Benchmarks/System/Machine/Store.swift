import ArgumentParser
import Foundation

/// Where the services keep their data during a measurement.
protocol Store: Sendable {
    var engine: Engine { get }
    /// The services' data directory.
    var directory: String { get }
    /// What tells a service of it.
    func settings(of service: String) -> [String: String]
    /// The databases that hold something: a service's, and the sandbox provider's.
    var databases: [String] { get }
    /// Runs statements in a database, one after the other. Nothing else writes to it meanwhile.
    func run(_ statements: [String], in database: String) async throws
    /// The tables of a database with their columns.
    func tables(of database: String) async throws -> [Table]
    /// Once much was written: what an idle database would do in time is done now.
    func settle() async throws
    /// Times that the database waited for the disk so far, besides in the services' own processes.
    func serverSyncs() async throws -> Int
    /// CPU seconds of a server's processes so far.
    func serverCPU() async throws -> Double
    /// Bytes on disk.
    func size() async throws -> Int
    func stop() async throws
}

extension Store {
    /// Bytes that are left on disk where the data is.
    func freeBytes() throws -> Int {
        let path = engine == .sqlite ? directory : FileManager.default.temporaryDirectory.path
        let about = try FileManager.default.attributesOfFileSystem(forPath: path)
        return (about[.systemFreeSize] as? NSNumber)?.intValue ?? 0
    }
}

/// A kind of database.
enum Engine: String, CaseIterable, Encodable, ExpressibleByArgument, Sendable {
    case sqlite
    case postgres
}

/// A table of a service.
struct Table: Sendable {
    enum Kind: Sendable { case text, blob, other }
    var name: String
    var columns: [(name: String, kind: Kind)]
}
