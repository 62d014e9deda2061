import Foundation

/// A text in a file of its own that only its owner can read, while an editor has it. It stays until
/// ``remove()``: what somebody typed is not lost because something else failed.
struct Draft {
    /// More is no message: 4 MiB.
    static let maxBytes = 4 << 20

    let path: String
    private let folder: String

    /// - Parameter name: of the file; its ending says to the editor what it is.
    init(_ content: [UInt8], name: String) throws(CommandFailure) {
        let template = FileManager.default.temporaryDirectory.path + "/refundctl-XXXXXX"
        var bytes = Array(template.utf8CString)
        // mkdtemp(3) makes it with mode 0700.
        guard mkdtemp(&bytes) != nil else {
            throw CommandFailure(.badInput, "no folder can be made for the draft: \(template)")
        }
        folder = String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        path = folder + "/" + name
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else { throw CommandFailure(.badInput, "\(path) cannot be written") }
        defer { close(file) }
        var written = 0
        while written < content.count {
            let count = content[written...].withUnsafeBytes {
                write(file, $0.baseAddress, $0.count)
            }
            guard count > 0 else { throw CommandFailure(.badInput, "\(path) cannot be written") }
            written += count
        }
    }

    /// What is in it now.
    func read() throws(CommandFailure) -> [UInt8] {
        guard let file = FileHandle(forReadingAtPath: path),
            let data = try? file.read(upToCount: Self.maxBytes + 1)
        else { throw CommandFailure(.badInput, "\(path) is gone or empty: nothing was sent") }
        guard data.count <= Self.maxBytes else {
            throw CommandFailure(
                .badInput, "\(path) has more than \(Self.maxBytes) bytes: nothing was sent")
        }
        return [UInt8](data)
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
