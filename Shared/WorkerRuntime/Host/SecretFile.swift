import Glibc

/// A secret in a file, as container platforms hand them over.
enum SecretFile {
    /// Bytes; a secret is shorter.
    static let maximumBytes = 64 * 1024

    /// The contents without trailing line ends.
    @Sendable
    static func read(_ path: String) throws(ConfigurationFault) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(path, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4 * 1024)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw fault(path, String(cString: strerror(errno))) }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= maximumBytes else {
                throw fault(path, "it is larger than \(maximumBytes) bytes")
            }
        }
        while bytes.last == UInt8(ascii: "\n") || bytes.last == UInt8(ascii: "\r") {
            bytes.removeLast()
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw fault(path, "it is not UTF-8")
        }
        guard !text.isEmpty else { throw fault(path, "it is empty") }
        return text
    }

    private static func fault(_ path: String, _ reason: String) -> ConfigurationFault {
        ConfigurationFault("The secret file \(path) cannot be used: \(reason).")
    }
}
