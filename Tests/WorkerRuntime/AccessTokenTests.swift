import HTTPTypes
import Testing

@testable import WorkerRuntime

/// SHA-256 of "s3cret", "kim-new" and "lee-token", by coreutils' sha256sum.
private let text = """
    # who may use the API
    kim operator 1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0

      kim\toperator a2a6cc4c11980bc32824d7406c9ae7fdcc6b99382de783f5a4569684f1317e2a
    lee reader 1109bf91654a86fdca9d0f37a9e4d9b5303dbaf32750444cf28d265bbeb621e7
    """

private func head(
    _ method: HTTPRequest.Method, token: String? = nil, stated: String? = nil,
    authority: String? = "127.0.0.1:8080"
) -> HTTPRequest {
    var head = HTTPRequest(method: method, scheme: "http", authority: authority, path: "/v1/x")
    if let token { head.headerFields[.authorization] = token }
    if let stated, let name = HTTPField.Name("Refund-Operator") { head.headerFields[name] = stated }
    return head
}

@Suite("Access to the HTTP API") struct AccessTokenTests {
    struct Case: CustomTestStringConvertible {
        var what: String
        var head: HTTPRequest
        var answer: Result<Principal, AccessRefusal>
        var testDescription: String { what }

        init(_ what: String, _ head: HTTPRequest, _ answer: Result<Principal, AccessRefusal>) {
            self.what = what
            self.head = head
            self.answer = answer
        }
    }

    static let kim = Principal(name: "kim", role: .operator, isProven: true)
    static let lee = Principal(name: "lee", role: .reader, isProven: true)

    static let proven: [Case] = [
        Case("an operator changes", head(.post, token: "Bearer s3cret"), .success(kim)),
        Case(
            "the scheme's case does not matter", head(.get, token: "bearer s3cret"), .success(kim)),
        Case(
            "a second token while the first goes", head(.put, token: "Bearer kim-new"),
            .success(kim)),
        Case("a reader looks", head(.get, token: "Bearer lee-token"), .success(lee)),
        Case(
            "a reader changes nothing", head(.post, token: "Bearer lee-token"),
            .failure(.roleTooLow)),
        Case("no token", head(.get), .failure(.tokenNeeded)),
        Case("an unknown token", head(.get, token: "Bearer S3cret"), .failure(.tokenNeeded)),
        Case("a longer token", head(.get, token: "Bearer s3cretx"), .failure(.tokenNeeded)),
        Case("another scheme", head(.get, token: "Basic s3cret"), .failure(.tokenNeeded)),
        Case("no scheme", head(.get, token: "s3cret"), .failure(.tokenNeeded)),
        Case(
            "the hash is no token",
            head(
                .get,
                token: "Bearer 1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0"),
            .failure(.tokenNeeded)),
        Case(
            "a token without end",
            head(.get, token: "Bearer " + String(repeating: "a", count: 5_000)),
            .failure(.tokenNeeded)),
        Case(
            "the name stated is the token's", head(.post, token: "Bearer s3cret", stated: "kim"),
            .success(kim)),
        Case(
            "the name stated is another's", head(.post, token: "Bearer s3cret", stated: "lee"),
            .failure(.anothersToken)),
    ]

    @Test("With a token file the token says who it is", arguments: proven)
    func tokens(_ example: Case) throws {
        let tokens = try AccessTokens(text: text, source: "tokens")
        #expect(tokens.identify(example.head, isLocal: true) == example.answer)
        #expect(tokens.identify(example.head, isLocal: false) == example.answer)
    }

    static func stated(_ name: String) -> Principal {
        Principal(name: name, role: .operator, isProven: false)
    }

    static let unproven: [Case] = [
        Case("anyone looks", head(.get), .success(stated("anyone"))),
        Case("a change needs a name", head(.post), .failure(.nameNeeded)),
        Case("the name that is stated", head(.post, stated: "kim"), .success(stated("kim"))),
        Case("any alphabet", head(.post, stated: "%E9%87%91"), .success(stated("金"))),
        Case("half an escape", head(.post, stated: "ki%4"), .failure(.nameUnreadable)),
        Case("no UTF-8", head(.post, stated: "%FF"), .failure(.nameUnreadable)),
        Case("a line break in the name", head(.post, stated: "kim%0A"), .failure(.nameUnreadable)),
        Case("an empty name", head(.post, stated: ""), .failure(.nameUnreadable)),
        Case(
            "128 characters", head(.post, stated: String(repeating: "k", count: 128)),
            .success(stated(String(repeating: "k", count: 128)))),
        Case(
            "129 characters", head(.post, stated: String(repeating: "k", count: 129)),
            .failure(.nameUnreadable)),
        Case("localhost", head(.get, authority: "localhost:1"), .success(stated("anyone"))),
        Case("IPv6", head(.get, authority: "[::1]:8080"), .success(stated("anyone"))),
        Case(
            "a web page's own name that points here", head(.get, authority: "evil.example"),
            .failure(.onlyLoopback)),
        Case(
            "a name that begins like an address", head(.get, authority: "127.0.0.1.evil.example"),
            .failure(.onlyLoopback)),
    ]

    @Test("Without one, whoever is on this machine is who it says", arguments: unproven)
    func loopback(_ example: Case) {
        let tokens = AccessTokens.loopbackOnly
        #expect(tokens.identify(example.head, isLocal: true) == example.answer)
        let remote = tokens.identify(example.head, isLocal: false)
        #expect(remote == .failure(.onlyLoopback) || remote == .failure(.nameUnreadable))
    }

    @Test(
        "A file that is none of tokens is refused with the line's number and nothing of the line",
        arguments: [
            ("kim operator s3cret", "Line 1"), ("justatoken", "Line 1"),
            (
                "# c\nkim admin 1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0",
                "Line 2"
            ),
            (
                "kim operator 1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0 more",
                "Line 1"
            ),
            (
                "kim operator 1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0\nlee reader \(String(repeating: "g", count: 64))",
                "Line 2"
            ),
            ("# nobody", "it has 0"),
        ])
    func faults(_ text: String, _ part: String) throws {
        let fault = try #require(throws: ConfigurationFault.self) {
            try AccessTokens(text: text, source: "/run/tokens")
        }
        #expect(fault.description.contains(part))
        #expect(fault.description.contains("/run/tokens"))
        #expect(!fault.description.contains("s3cret") && !fault.description.contains("justatoken"))
    }

    @Test(
        "SHA-256 as the standard's examples have it (FIPS 180-4)",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ])
    func hash(_ text: String, _ hex: String) {
        #expect(SHA256.hash(Array(text.utf8)) == SHA256.decode(hex: hex))
    }

    @Test("Every refusal's sentence stands in JSON as it is", arguments: AccessRefusal.allCases)
    func sentences(_ refusal: AccessRefusal) {
        #expect(refusal.sentence.allSatisfy { $0.isASCII && $0 != "\"" && $0 != "\\" })
    }
}
