import Foundation

/// Reads a file, or standard input (`-`), line by line in bounded memory.
struct LineReader: ~Copyable {
    /// A line longer than this is refused: 1 MiB, far more than any message may have.
    static let maxLineBytes = 1024 * 1024
    private static let chunkBytes = 64 * 1024

    let name: String
    /// The file's size, for a progress bar; nil for a pipe.
    let totalBytes: Int?
    /// How much was read so far.
    private(set) var readBytes = 0
    /// The number of the line that `next()` gave last, from 1.
    private(set) var number = 0

    private let file: FileHandle
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    init(_ path: String) throws(CommandFailure) {
        if path == "-" {
            name = "standard input"
            file = .standardInput
            totalBytes = nil
            return
        }
        name = path
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure(.badInput, "\(path) cannot be read")
        }
        self.file = file
        var information = stat()
        let isFile =
            fstat(file.fileDescriptor, &information) == 0
            && information.st_mode & S_IFMT == S_IFREG
        totalBytes = isFile ? Int(information.st_size) : nil
    }

    /// The next line without its line break; nil at the end.
    mutating func next() throws(CommandFailure) -> [UInt8]? {
        while true {
            if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                number += 1
                return Array(buffer[start..<end])
            }
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                number += 1
                return Array(buffer[start...])
            }
            guard buffer.count - start <= Self.maxLineBytes else {
                throw CommandFailure(
                    .badInput,
                    "\(name), line \(number + 1): longer than \(Self.maxLineBytes) bytes")
            }
            try fill()
        }
    }

    private mutating func fill() throws(CommandFailure) {
        buffer.removeFirst(start)
        start = 0
        let chunk: Data
        do {
            chunk = try file.read(upToCount: Self.chunkBytes) ?? Data()
        } catch {
            throw CommandFailure(.badInput, "\(name) cannot be read: \(error.localizedDescription)")
        }
        isAtEnd = chunk.isEmpty
        readBytes += chunk.count
        buffer.append(contentsOf: chunk)
    }
}
