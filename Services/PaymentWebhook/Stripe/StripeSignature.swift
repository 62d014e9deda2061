import COpenSSL

/// The header `Stripe-Signature`: `t=1700000000,v1=<64 hex digits>[,v1=…]`. Each v1 is an HMAC-SHA256
/// under one of the endpoint's secrets over `<t>.<body>`, the body byte for byte
/// (docs.stripe.com/webhooks/signature). Other schemes, as v0 of test events, prove nothing.
struct StripeSignature: Equatable {
    /// How far the time of signing may be from our clock, in seconds, both ways, inclusive.
    static let tolerance: Int64 = 300
    /// Bytes of the header.
    static let maximumBytes = 4_096
    /// Signatures of the scheme in one header: each costs two hashes of the body.
    static let maximumSignatures = 8
    /// Digits of the time of signing: far beyond any clock, far below an overflow.
    static let maximumDigits = 12

    /// Why an event is not believed.
    enum Fault: Error {
        case tooOld, inFuture, wrong
    }

    /// As it stands in the header, since that is what was signed.
    let timestamp: [UInt8]
    /// Seconds since 1970.
    let signedAt: Int64
    /// The hex digits of each v1.
    let signatures: [[UInt8]]

    /// Nil where the header is not of that form.
    init?(header: String) {
        guard header.utf8.count <= Self.maximumBytes else { return nil }
        var timestamps: [[UInt8]] = [], signatures: [[UInt8]] = []
        for item in header.utf8.split(
            separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        {
            guard let equals = item.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let value = Array(item[item.index(after: equals)...])
            switch String(item[..<equals]) {
            case "t": timestamps.append(value)
            case "v1": signatures.append(value)
            default: break
            }
        }
        guard timestamps.count == 1, (1...Self.maximumDigits).contains(timestamps[0].count),
            timestamps[0].allSatisfy({ (0x30...0x39).contains($0) }),
            (1...Self.maximumSignatures).contains(signatures.count)
        else { return nil }
        timestamp = timestamps[0]
        signedAt = timestamp.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        self.signatures = signatures
    }

    /// Whether one of the signatures is that of the body under one of the secrets, and fresh.
    ///
    /// Every pair is compared, each in constant time, so that the time taken tells nothing of either.
    /// - Parameter now: seconds since 1970.
    func verify(
        _ body: [UInt8], secrets: [[UInt8]], now: Int64
    ) throws(Fault) {
        guard signedAt >= now - Self.tolerance else { throw .tooOld }
        guard signedAt <= now + Self.tolerance else { throw .inFuture }
        let payload = timestamp + [UInt8(ascii: ".")] + body
        var isValid = false
        for secret in secrets {
            let expected = HMACSHA256.hex(of: payload, key: secret)
            for signature in signatures where HMACSHA256.equal(signature, expected) {
                isValid = true
            }
        }
        guard isValid else { throw .wrong }
    }
}

/// HMAC-SHA256 (RFC 2104, FIPS 180-4), by libcrypto.
enum HMACSHA256 {
    /// The authentication code in lower-case hex digits.
    static func hex(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        let made = HMAC(
            EVP_sha256(), key, Int32(key.count), message, message.count, &code, nil)
        // Null only for a digest that is not built in: a libcrypto without SHA-256.
        precondition(made != nil, "libcrypto has no HMAC-SHA256")
        let digits = Array("0123456789abcdef".utf8)
        return code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xf)]] }
    }

    /// In constant time for texts of one length; the length of ours is no secret.
    static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, right.count) == 0
    }
}
