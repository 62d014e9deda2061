import Testing

@testable import AMQP

@Suite("URIs, contents, waits, limits")
struct ProtocolPartsTests {
    struct Case: Sendable {
        var uri: String
        var host = "localhost"
        var port = 5_672
        var user = "guest"
        var password = "guest"
        var vhost = "/"
        var tls = false
    }

    @Test(
        "URIs as RabbitMQ specifies them",
        arguments: [
            Case(uri: "amqp://"),
            Case(
                uri: "amqp://user:pass@host:10000/vhost", host: "host", port: 10_000, user: "user",
                password: "pass", vhost: "vhost"),
            Case(
                uri: "amqp://user%61:%61pass@ho%61st:10000/v%2fhost", host: "hoast", port: 10_000,
                user: "usera", password: "apass", vhost: "v/host"),
            Case(uri: "amqp://user:p@ss@host/", host: "host", user: "user", password: "p@ss"),
            Case(uri: "amqp://:@/", user: "", password: ""),
            Case(uri: "amqp://user@", user: "user", password: ""),
            Case(uri: "amqp://host", host: "host"),
            Case(uri: "amqp://host/%2f", host: "host"),
            Case(uri: "amqp://[::1]", host: "::1"),
            Case(uri: "amqp://[::1]:7/v", host: "::1", port: 7, vhost: "v"),
            Case(uri: "AMQPS://host", host: "host", port: 5_671, tls: true),
        ])
    func uri(_ expected: Case) throws {
        let configuration = try BrokerConfiguration(uri: expected.uri, connectionName: "t")
        #expect(
            configuration.endpoints == [
                BrokerEndpoint(
                    usesTLS: expected.tls, host: expected.host, port: expected.port,
                    user: expected.user, password: expected.password, virtualHost: expected.vhost)
            ])
    }

    @Test("several hosts and the query parameters are read")
    func severalHosts() throws {
        let configuration = try BrokerConfiguration(
            uri: "amqps://a?heartbeat=7&connection_timeout=2500&cacertfile=/ca.pem,amqps://b:1",
            connectionName: "t")
        #expect(configuration.endpoints.map(\.address) == ["a:5671", "b:1"])
        #expect(configuration.heartbeat == .seconds(7))
        #expect(configuration.connectTimeout == .milliseconds(2_500))
        #expect(configuration.tlsAuthorities == "/ca.pem")
    }

    @Test(
        "a wrong URI is refused, and its password is not in the message",
        arguments: [
            "", "http://u:secret@h", "amqp://u:secret@h:0", "amqp://u:secret@h:99999",
            "amqp://u:secret@h:x", "amqp://u:secret%4@h", "amqp://u:secret@h/%00",
            "amqp://u:secret@h/a/b", "amqp://u:secret@[::1", "amqp://u:secret@h?heartbeat=-1",
            "amqp://u:secret@h?colour=red", "amqp://u:secret@h?certfile=/c", "amqp://u:secret%ff@h",
        ])
    func wrongURI(_ uri: String) {
        let error = #expect(throws: AMQPError.self) {
            try BrokerConfiguration(uri: uri, connectionName: "t")
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains("secret") == false)
    }

    @Test("a body is put together from any split, and an empty one needs no body frame")
    func contents() throws {
        let deliver = InboundMethod.Deliver(
            tag: 1, redelivered: false, exchange: "e", routingKey: "k")
        func header(_ size: UInt64) -> ContentHeader {
            ContentHeader(properties: .init(), isComplete: true, bodySize: size)
        }
        var assembler = ContentAssembler()
        try assembler.begin(.deliver(deliver))
        #expect(!assembler.isIdle)
        #expect(try assembler.header(header(0))?.body == [])
        #expect(assembler.isIdle)
        try assembler.begin(.deliver(deliver))
        #expect(try assembler.header(header(5)) == nil)
        #expect(try assembler.body([1]) == nil)
        #expect(try assembler.body([2, 3]) == nil)
        #expect(try assembler.body([4, 5])?.body == [1, 2, 3, 4, 5])
    }

    @Test("frames out of order, or more body than announced, break the connection")
    func brokenContents() throws {
        let start = ContentAssembler.Start.deliver(
            .init(tag: 1, redelivered: false, exchange: "", routingKey: ""))
        let header = ContentHeader(properties: .init(), isComplete: true, bodySize: 2)
        var assembler = ContentAssembler()
        #expect(throws: AMQPError.self) { try assembler.body([1]) }
        #expect(throws: AMQPError.self) { try assembler.header(header) }
        try assembler.begin(start)
        #expect(throws: AMQPError.self) { try assembler.begin(start) }
        _ = try assembler.header(header)
        #expect(throws: AMQPError.self) { try assembler.body([1, 2, 3]) }
        var huge = ContentAssembler()
        try huge.begin(start)
        #expect(throws: AMQPError.self) {
            try huge.header(
                ContentHeader(properties: .init(), isComplete: true, bodySize: 1 << 40))
        }
    }

    @Test("waits double from the first to the most, never below half of that")
    func backoff() {
        var random = SystemRandomNumberGenerator()
        var backoff = Backoff(first: 100_000, most: 1_000_000)
        for full in [UInt64(100_000), 200_000, 400_000, 800_000, 1_000_000, 1_000_000] {
            #expect((full / 2...full).contains(backoff.next(using: &random)))
        }
        backoff.reset()
        #expect(backoff.next(using: &random) <= 100_000)
    }

    @Test("what AMQP cannot carry is refused before anything is sent")
    func limits() throws {
        var message = OutgoingMessage(exchange: "", routingKey: "k", body: [])
        func check(depth: Int = 64) throws {
            try message.check(frameBytes: 131_072, maxTableDepth: depth)
        }
        message.routingKey = String(repeating: "k", count: 255)
        try check()
        message.routingKey += "k"
        #expect(throws: AMQPError.self) { try check() }
        message.routingKey = "k"
        var table = FieldTable()
        for _ in 1..<64 { table = FieldTable([("t", .table(table))]) }
        message.properties.headers = table
        try check()
        message.properties.headers = FieldTable([("t", .table(table))])
        #expect(throws: AMQPError.self) { try check() }
        message.properties.headers = FieldTable([("s", .bytes(Array(repeating: 0, count: 127_000)))]
        )
        #expect(throws: AMQPError.self) { try check() }
    }
}
