import AMQP
import Database
import Glibc

/// A dead letter's message, as it came.
struct Content: Sendable {
    var properties: FieldTable
    /// Nil where the message has none, or where they are nested too deep.
    var headers: FieldTable?
    /// The header table as AMQP encodes it; nil where the message has none.
    var rawHeaders: [UInt8]?
    var body: [UInt8]

    init(_ row: SQLRow, from column: Int = 0) throws {
        properties = FieldTableCodec.decode(try row.blob(column)) ?? FieldTable()
        rawHeaders = try row.optionalBlob(column + 1)
        headers = rawHeaders.flatMap(FieldTableCodec.decode)
        body = try row.blob(column + 2)
    }

    /// Whether its headers are there and can be read.
    var headersAreReadable: Bool { rawHeaders == nil || headers != nil }

    static func load(_ ids: [Int64], in connection: any SQLConnection) throws -> [Int64: Content] {
        let rows = try connection.queryEach(
            "SELECT properties, headers, body FROM contents WHERE id = $1",
            ids.map { [.integer($0)] })
        var contents: [Int64: Content] = [:]
        for (id, rows) in zip(ids, rows) {
            if let row = rows.first { contents[id] = try Content(row) }
        }
        return contents
    }
}

extension [Record] {
    /// Bytes of bodies that are held in memory together, but for one that is larger by itself.
    static let heldBytes: Int64 = 4 << 20

    /// As many from the start as are held together, at least one.
    var heldTogether: ArraySlice<Record> {
        var bytes: Int64 = 0
        for (index, record) in enumerated() {
            bytes += record.bodyBytes
            if bytes > Self.heldBytes, index > 0 { return self[..<index] }
        }
        return self[...]
    }
}

extension [UInt8] {
    /// Whether those bytes are in it, one after the other.
    func holds(_ sought: [UInt8]) -> Bool {
        guard let first = sought.first else { return true }
        return withUnsafeBytes { all in
            sought.withUnsafeBytes { sought in
                guard var place = all.baseAddress, let wanted = sought.baseAddress else {
                    return false
                }
                var left = all.count
                while left >= sought.count,
                    let found = memchr(place, Int32(first), left - sought.count + 1)
                {
                    if memcmp(found, wanted, sought.count) == 0 { return true }
                    left -= UnsafeRawPointer(found) - place + 1
                    place = UnsafeRawPointer(found) + 1
                }
                return false
            }
        }
    }
}
