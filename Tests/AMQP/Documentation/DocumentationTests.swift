import AMQP
import Foundation
import TestSupport
import Testing

@Suite("The documentation is true", .timeLimit(.minutes(10)))
struct DocumentationTests {
    private func page(_ name: String) throws -> String {
        try String(
            contentsOfFile: Repository.path("Shared/AMQP/AMQP.docc/\(name).md"), encoding: .utf8)
    }

    @Test("the first page's code is the code that is compiled here, and at most twenty lines")
    func firstPage() throws {
        let source = try String(
            contentsOfFile: Repository.path("Tests/AMQP/Documentation/SendAndReceive.swift"),
            encoding: .utf8)
        #expect(try page("AMQP").contains("```swift\n\(source)```\n"))
        #expect(source.split(separator: "\n").count <= 20)
    }

    @Test("and it sends and receives")
    func sends() async throws {
        let node = try await PrivateBroker.shared()
        let virtualHost = try await node.makeVirtualHost()
        let uri = node.url(virtualHost: virtualHost)
        #expect(try await sendAndReceive(at: uri) == "Hello!")
        try await withBroker(uri) { broker in
            let isAcked = try await eventually {
                try await broker.topology().checkQueue("hello").messages == 0
            }
            #expect(isAcked)
        }
    }

    @Test("every code of an error is explained", arguments: AMQPError.Code.allCases)
    func codes(_ code: AMQPError.Code) throws {
        #expect(try page("Errors").contains("``AMQPError/Code/\(code)``"))
    }

    @Test("every metric is listed by its name", arguments: BrokerMetric.allCases)
    func metrics(_ metric: BrokerMetric) throws {
        #expect(try page("MetricsAndTracing").contains("`\(metric.rawValue)`"))
    }

    @Test(
        "every parameter of a URI is listed",
        arguments: [
            "heartbeat", "connection_timeout", "channel_max", "auth_mechanism", "cacertfile",
            "certfile", "keyfile", "verify", "server_name_indication",
        ])
    func parameters(_ name: String) throws {
        #expect(try page("ConnectingAndTLS").contains("`\(name)`"))
    }

    @Test("each page is reached from the first one")
    func reached() throws {
        let folder = Repository.path("Shared/AMQP/AMQP.docc")
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(pages.count > 4)
        let first = try page("AMQP")
        for page in pages where page != "AMQP.md" {
            #expect(first.contains("<doc:\(page.dropLast(".md".count))>"))
        }
    }
}
