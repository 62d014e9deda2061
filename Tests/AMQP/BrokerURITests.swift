import Testing

@testable import AMQP

@Suite("What a URI says")
struct BrokerURITests {
    private func read(_ uri: String) throws -> BrokerConfiguration {
        try BrokerConfiguration(uri: uri, connectionName: "t")
    }

    @Test(
        "the virtual host is decoded once, and absent or empty it is the default one",
        arguments: [
            ("", "/"), ("/", "/"), ("/%2f", "/"), ("/%2F", "/"), ("/a", "a"), ("/a%2Fb", "a/b"),
            ("/%252f", "%2f"), ("/%E6%97%A5", "日"), ("/a%20b", "a b"), ("/a+b", "a+b"),
        ])
    func virtualHost(path: String, expected: String) throws {
        #expect(try read("amqp://h" + path).endpoints[0].virtualHost == expected)
    }

    @Test("user and password may have any character, once it is escaped")
    func escapes() throws {
        let endpoint = try read("amqp://a%3Ab:%2F%3F%23%40%2C%25:x@h").endpoints[0]
        #expect(endpoint.user == "a:b")
        #expect(endpoint.password == "/?#@,%:x")
    }

    @Test("every parameter is read, and holds for every host")
    func parameters() throws {
        let query =
            "?heartbeat=7&connection_timeout=2500&channel_max=9&verify=verify_peer"
            + "&cacertfile=/a%20b.pem&certfile=/c.pem&keyfile=/k.pem"
            + "&server_name_indication=broker.test&auth_mechanism=PLAIN"
        let read = try read("amqps://a\(query),amqps://[::1],amqps://b:1\(query)")
        #expect(read.endpoints.map(\.address) == ["a:5671", "[::1]:5671", "b:1"])
        #expect(read.heartbeat == .seconds(7))
        #expect(read.connectTimeout == .milliseconds(2_500))
        #expect(read.channelMax == 9)
        #expect(read.tlsAuthorities == "/a b.pem")
        #expect(read.tlsClient == TLSClientFiles(certificate: "/c.pem", key: "/k.pem"))
        #expect(read.tlsServerName == "broker.test")
        #expect(read.login == .plain)
    }

    @Test(
        "a client certificate logs in where no user is named, or where it is asked to",
        arguments: [
            ("amqps://h?certfile=c&keyfile=k", LoginMechanism.external),
            ("amqps://u:p@h?certfile=c&keyfile=k", .plain),
            ("amqps://u:p@h?certfile=c&keyfile=k&auth_mechanism=external", .external),
            ("amqps://h?certfile=c&keyfile=k&auth_mechanism=plain", .plain),
            ("amqps://h", .plain),
        ])
    func login(uri: String, expected: LoginMechanism) throws {
        #expect(try read(uri).login == expected)
    }

    @Test(
        "what is wrong, unknown or not supported is named, and nothing of a password is shown",
        arguments: [
            ("amqp://u:secret@h//", "use %2F"),
            ("amqp://u:secret@h?verify=verify_none", "'verify' without TLS"),
            ("amqps://u:secret@h?verify=verify_none", "verify_peer"),
            ("amqps://u:secret@h?server_name_indication=disable", "server_name_indication"),
            ("amqps://u:secret@h?auth_mechanism=amqplain", "neither plain nor external"),
            ("amqps://u:secret@h?auth_mechanism=plain&auth_mechanism=external", "two different"),
            ("amqps://u:secret@h?auth_mechanism=external", "without certfile"),
            ("amqps://u:secret@h?depth=2", "unknown parameter 'depth'"),
            ("amqps://u:secret@h?fail_if_no_peer_cert=true", "'fail_if_no_peer_cert'"),
            ("amqps://u:secret@h?keyfile=/k", "both certfile and keyfile"),
            ("amqp://u:secret@h?cacertfile=/a", "'cacertfile' without TLS"),
            ("amqp://u:secret@h?channel_max=0", "channel_max"),
            ("amqp://u:secret@h?heartbeat=0", "heartbeat"),
            ("amqp://u:secret@h?heartbeat=1,amqp://u:secret@i?heartbeat=2", "two different"),
            ("amqp://u:secret@h,amqps://u:secret@i", "same scheme"),
            ("amqp://u:secret@h/a,amqp://u:secret@h/b", "virtual host"),
            ("amqp://u:secret@h,", "must start with"),
            ("amqp://u:1/secret@h", "out of place"),
            ("amqp://u:x?secret=1@h", "out of place"),
            ("amqp://u:x#secret@h", "out of place"),
            ("amqp://u:x@h?secret%40h", "unknown parameter;"),
            ("amqp://u:x,secret@h", "%2C"),
            ("amqp://::1/secret", "several :"),
            ("amqp://[1::2::3]/secret", "no IPv6 address"),
        ])
    func refused(uri: String, part: String) throws {
        let error = #expect(throws: AMQPError.self) { try read(uri) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("secret") == false, "\(error?.message ?? "")")
    }

    @Test("a configuration that is printed, dumped or reflected shows no password")
    func printed() throws {
        let configuration = try read("amqp://user:secret@h")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("secret"))
            #expect(text.contains("h:5672"))
        }
    }
}
