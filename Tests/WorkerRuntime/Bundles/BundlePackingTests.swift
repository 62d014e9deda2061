import AMQP
import Testing

@testable import WorkerRuntime

@Suite("What is packed into bundles") struct BundlePackingTests {
    private static func pack(_ burst: [OutgoingMessage], most: Int = 64) -> BundlePacking {
        BundlePacking(burst, to: ["in", "out"], most: most, names: RuntimeNames())
    }

    @Test("A message without company stays as it is")
    func alone() {
        let burst = [
            internalMessage("m-1"), internalMessage("m-2", routingKey: "b.key"),
            internalMessage("m-3", exchange: "out"),
        ]
        #expect(Set(Self.pack(burst).messages) == Set(burst))
        #expect(Self.pack(burst).bundles.isEmpty)
    }

    @Test("Messages of other exchanges are never packed")
    func otherExchanges() {
        let burst = (1...3).map { internalMessage("m-\($0)", exchange: "elsewhere") }
        #expect(Self.pack(burst).messages == burst)
    }

    @Test("Each bundle goes one way, in the order of its messages; each message has its outcome")
    func ways() throws {
        var burst = (0..<6).map { internalMessage("m-\($0)", routingKey: "key.\($0 % 2)") }
        burst[4].mandatory = false
        let packing = Self.pack(burst)
        #expect(packing.messages.count == 3)
        let items = try packing.messages.map { message in
            message.properties.type == "refund.bundle.v1"
                ? try BundleReader.items(of: message.body).map(\.properties.messageID)
                : [message.properties.messageID]
        }
        #expect(
            items == [["m-4"], ["m-0", "m-2"], ["m-1", "m-3", "m-5"]]
                || items == [["m-0", "m-2"], ["m-4"], ["m-1", "m-3", "m-5"]])
        let names = items.map { $0.compactMap(\.self).joined(separator: " ") }
        let outcomes = packing.outcomes(
            of: names.map { .returned(code: 312, text: $0) })
        for (message, outcome) in zip(burst, outcomes) {
            guard case .returned(_, let text) = outcome else { continue }
            #expect(text.contains(message.properties.messageID ?? "?"))
        }
    }

    @Test("A bundle ends at its most items", arguments: [(2, 5, 3), (64, 129, 3), (64, 128, 2)])
    func items(most: Int, messages: Int, expected: Int) {
        let packing = Self.pack((0..<messages).map { internalMessage("m-\($0)") }, most: most)
        #expect(packing.messages.count == expected)
        #expect(packing.bundles.map(\.items).reduce(0, +) == messages - messages % most % 2)
    }

    @Test("A bundle ends at its most bytes, and what fills one alone goes alone")
    func bytes() throws {
        let large = { (id: String, bytes: Int) in
            internalMessage(id, body: "{\"x\":\"\(String(repeating: "y", count: bytes))\"}")
        }
        let burst =
            (0..<3).map { large("m-\($0)", 30_000) } + [large("m-3", 70_000)]
            + [internalMessage("m-4"), internalMessage("m-5")]
        let packing = Self.pack(burst)
        #expect(
            !packing.messages.contains { $0.body.count > Bundle.mostBytes && $0 != burst[3] })
        #expect(packing.messages.count == 4)
        #expect(packing.bundles.map(\.items) == [2, 2])
        #expect(packing.messages.contains(burst[2]) && packing.messages.contains(burst[3]))
    }

    @Test("The publisher hands over bundles, and with one item at most none", arguments: [64, 1])
    func publisher(most: Int) async throws {
        let base = FakePublisher(Journal(), [.nacked])
        let publisher = BundlingPublisher(base: base, exchanges: ["in"], most: most)
        let outcomes = try await publisher.publish((0..<3).map { internalMessage("m-\($0)") })
        #expect(base.published.count == (most == 1 ? 3 : 1))
        #expect(
            outcomes
                == (most == 1 ? [.nacked, .confirmed, .confirmed] : [.nacked, .nacked, .nacked]))
    }
}
