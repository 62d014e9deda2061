import Testing

@testable import PaymentWebhook

/// The signatures were made by Python's hmac and by `openssl dgst -mac HMAC`, which agreed.
@Suite struct StripeSignatureTests {
    static let signedAt: Int64 = 1_700_000_000
    static let newSecret = Array("whsec_new_c0ffee00d15ea5e5".utf8)
    static let oldSecret = Array("whsec_old_4f2b8c1d9e7a6053".utf8)
    static let longSecret = Array("whsec_".utf8) + [UInt8](repeating: UInt8(ascii: "k"), count: 122)
    static let event = Array(
        (#"{"id":"evt_1","object":"event","livemode":true,"type":"refund.updated","data":"#
            + #"{"object":{"id":"re_1","object":"refund","metadata":{"leg_id":"r-1/p-1"}}}}"#).utf8)
    static let byNew = "69edb61939afa54fba41a8241d33b3e2ba5a1991dd9db9f4f3ea95c1c3ecf0f9"
    static let byOld = "c08f868be4552bc4368a2367364447c7edf2e4d34fa70cd58ca81f78398f7dca"

    struct Vector: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var body = event
        var secret = newSecret
        var timestamp = "1700000000"
        var signature: String

        init(
            _ description: String, body: [UInt8] = event, secret: [UInt8] = newSecret,
            timestamp: String = "1700000000", _ signature: String
        ) {
            testDescription = description
            self.body = body
            self.secret = secret
            self.timestamp = timestamp
            self.signature = signature
        }
    }

    static let vectors = [
        Vector("an event", byNew),
        Vector("under another secret", secret: oldSecret, byOld),
        Vector(
            "Japanese", body: Array(#"{"id":"evt_2","name":"払い戻し"}"#.utf8),
            "2964dfe3ec4b44d2f5fe0cab051e34fd11f54c3a3705ff66f035a821ec41a142"),
        Vector(
            "no UTF-8", body: [0, 255, 254, 128, 192],
            "c9d92b23ce0ef68f56b79e3b59a41fcd812eabbf4221e67fb43a511faa094862"),
        Vector(
            "empty", body: [], "a4165cab7ca34568325ca054965fede125a8311a8568b80b7a720355986ef49e"),
        Vector(
            "a time with a leading zero, signed as it stands", timestamp: "01700000000",
            "512fb396f37184017ac1e6fa2098040b5178f4920cd005d30d42ef7602d076d7"),
        Vector(
            "256 KiB", body: [UInt8](repeating: UInt8(ascii: "a"), count: 262_144),
            "06a8ce09cabdd1fbaaadbc6b3378739fda1c09219df1a7eceea16ea6c980133a"),
        Vector(
            "a secret longer than a block of SHA-256", secret: longSecret,
            "564abdfdddc5e122fccca530ec072bb1eaaef10ee1c56b65d5a001b393c6c1ff"),
    ]

    @Test(arguments: vectors)
    func whatOthersSignedIsAccepted(_ vector: Vector) throws {
        let header = "t=\(vector.timestamp),v1=\(vector.signature)"
        let signature = try #require(StripeSignature(header: header))
        try signature.verify(vector.body, secrets: [vector.secret], now: Self.signedAt)
    }

    @Test(arguments: vectors)
    func anotherSecretAcceptsNoneOfIt(_ vector: Vector) throws {
        let header = "t=\(vector.timestamp),v1=\(vector.signature)"
        let signature = try #require(StripeSignature(header: header))
        #expect(throws: StripeSignature.Fault.wrong) {
            try signature.verify(
                vector.body, secrets: [Array("whsec_0123456789abcdef".utf8)], now: Self.signedAt)
        }
    }

    @Test func aBodyTamperedWithAtAnyByteIsRefused() throws {
        let signature = try #require(
            StripeSignature(header: "t=1700000000,v1=\(Self.byNew)"))
        var tampered = Self.event.indices.map { place in
            var body = Self.event
            body[place] ^= 1
            return body
        }
        tampered += [Self.event + [0x20], Self.event.dropLast(), []]
        for body in tampered {
            #expect(throws: StripeSignature.Fault.wrong) {
                try signature.verify(body, secrets: [Self.newSecret], now: Self.signedAt)
            }
        }
    }

    @Test func anotherTimeThanTheSignedOneIsRefused() throws {
        let signature = try #require(
            StripeSignature(header: "t=1700000001,v1=\(Self.byNew)"))
        #expect(throws: StripeSignature.Fault.wrong) {
            try signature.verify(Self.event, secrets: [Self.newSecret], now: Self.signedAt)
        }
    }

    @Test(arguments: [
        (byNew, [newSecret]), (byNew, [oldSecret, newSecret]), (byOld, [oldSecret, newSecret]),
        // The provider signs with both while a secret is replaced.
        ("\(byOld),v1=\(byNew)", [newSecret]), ("\(byNew),v1=\(byOld)", [newSecret]),
        ("\(byOld),v1=\(byNew)", [oldSecret, newSecret]),
        ("\(String(repeating: "0", count: 64)),v1=\(byNew)", [newSecret]),
        ("\(byNew),v0=\(String(repeating: "f", count: 64)),x=", [newSecret]),
    ])
    func oneValidPairIsEnough(_ signatures: String, _ secrets: [[UInt8]]) throws {
        let signature = try #require(
            StripeSignature(header: "t=1700000000,v1=\(signatures)"))
        try signature.verify(Self.event, secrets: secrets, now: Self.signedAt)
    }

    @Test(arguments: [
        // After the old secret was taken out of the file.
        (byOld, [newSecret]), (byNew, []), (byNew.uppercased(), [newSecret]),
        (String(byNew.dropLast()), [newSecret]), ("\(byNew)0", [newSecret]), ("", [newSecret]),
        ("\(byOld),v0=\(byNew)", [newSecret]),
    ])
    func withoutAValidPairItIsRefused(_ signatures: String, _ secrets: [[UInt8]]) throws {
        let signature = try #require(
            StripeSignature(header: "t=1700000000,v1=\(signatures)"))
        #expect(throws: StripeSignature.Fault.wrong) {
            try signature.verify(Self.event, secrets: secrets, now: Self.signedAt)
        }
    }

    static let ages: [(Int64, StripeSignature.Fault?)] = [
        (-86_400, .inFuture), (-301, .inFuture), (-300, nil), (0, nil), (300, nil), (301, .tooOld),
        (86_400, .tooOld),
    ]

    @Test(arguments: ages)
    func itMustBeSignedWithin300Seconds(_ age: Int64, _ fault: StripeSignature.Fault?) throws {
        let signature = try #require(StripeSignature(header: "t=1700000000,v1=\(Self.byNew)"))
        var found: StripeSignature.Fault?
        do throws(StripeSignature.Fault) {
            try signature.verify(
                Self.event, secrets: [Self.newSecret], now: Self.signedAt + age)
        } catch {
            found = error
        }
        #expect(found == fault)
    }

    @Test(arguments: [
        "", "t", "t=", "t=1700000000", "v1=\(byNew)", "t=,v1=\(byNew)", "t=now,v1=\(byNew)",
        "t=-1,v1=\(byNew)", "t=+1,v1=\(byNew)", "t=1.5,v1=\(byNew)", "t=1700000000;v1=\(byNew)",
        "t=1700000000, v1=\(byNew)", "t=1700000000,t=1700000000,v1=\(byNew)",
        "t=1700000000,v1=\(byNew),", "t=1700000000,v0=\(byNew)", "t=9999999999999,v1=\(byNew)",
        "t=99999999999999999999999999999999,v1=\(byNew)", "t=１７00000000,v1=\(byNew)",
        "t=1700000000" + String(repeating: ",v1=\(byNew)", count: 9),
        "t=1700000000,v1=\(byNew),x=" + String(repeating: "x", count: 4_096),
    ])
    func aHeaderOfAnotherFormIsNone(_ header: String) {
        #expect(StripeSignature(header: header) == nil)
    }
}
