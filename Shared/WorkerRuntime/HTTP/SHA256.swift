import COpenSSL

/// SHA-256 (FIPS 180-4), by libcrypto.
package enum SHA256 {
    /// Bytes of a hash.
    static let length = Int(SHA256_DIGEST_LENGTH)

    static func hash(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            COpenSSL.SHA256(bytes, bytes.count, buffer.baseAddress)
            count = length
        }
    }

    /// The hash as 64 hex digits.
    package static func hex(_ bytes: [UInt8]) -> String {
        hash(bytes).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    /// The bytes of 64 hex digits, nil for any other text.
    static func decode(hex: some StringProtocol) -> [UInt8]? {
        let digits = hex.compactMap(\.hexDigitValue)
        guard digits.count == 2 * length, hex.utf8.count == 2 * length else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}
