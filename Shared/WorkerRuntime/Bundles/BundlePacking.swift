import AMQP

/// The messages of one burst, those that go the same way packed into bundles. Pure.
///
/// Nothing waits for a bundle to fill: a message that has no company goes as it is.
struct BundlePacking {
    /// What is to be published.
    private(set) var messages: [OutgoingMessage] = []
    /// For each message of the burst its place in `messages`.
    private var places: [Int]
    /// How many messages each bundle holds, with where it goes.
    private(set) var bundles: [(exchange: String, items: Int)] = []

    private struct Way: Hashable {
        let exchange: String
        let routingKey: String
    }

    /// - Parameters:
    ///   - exchanges: those whose messages may be packed.
    ///   - most: items of one bundle.
    init(_ burst: [OutgoingMessage], to exchanges: Set<String>, most: Int, names: RuntimeNames) {
        places = Array(repeating: 0, count: burst.count)
        var ways: [Way: [Int]] = [:]
        var order: [Way] = []
        for (index, message) in burst.enumerated() {
            guard exchanges.contains(message.exchange) else {
                append(message, [index])
                continue
            }
            let way = Way(exchange: message.exchange, routingKey: message.routingKey)
            if ways[way, default: []].isEmpty { order.append(way) }
            ways[way, default: []].append(index)
        }
        for way in order {
            let indices = ways[way, default: []]
            if indices.count == 1 {
                append(burst[indices[0]], indices)
            } else {
                pack(indices, of: burst, most: most, names: names)
            }
        }
    }

    /// What became of each message of the burst, by what became of `messages`.
    func outcomes(of published: [PublishOutcome]) -> [PublishOutcome] {
        precondition(published.count == messages.count, "one outcome for each message")
        return places.map { published[$0] }
    }

    private mutating func pack(
        _ indices: [Int], of burst: [OutgoingMessage], most: Int, names: RuntimeNames
    ) {
        var open = OpenBundle()
        for index in indices {
            if open.members.count == most || !open.add(index, of: burst) {
                close(&open, burst, names)
                if !open.add(index, of: burst) { append(burst[index], [index]) }
            }
        }
        close(&open, burst, names)
    }

    private struct OpenBundle {
        private(set) var members: [Int] = []
        private(set) var writer = BundleWriter()

        mutating func add(_ index: Int, of burst: [OutgoingMessage]) -> Bool {
            guard writer.add(burst[index]) else { return false }
            members.append(index)
            return true
        }
    }

    private mutating func close(
        _ open: inout OpenBundle, _ burst: [OutgoingMessage], _ names: RuntimeNames
    ) {
        guard let first = open.members.first.map({ burst[$0] }) else { return }
        let isAlone = open.members.count == 1
        if !isAlone { bundles.append((first.exchange, open.members.count)) }
        append(isAlone ? first : first.bundle(open.writer.bytes, names: names), open.members)
        open = OpenBundle()
    }

    private mutating func append(_ message: OutgoingMessage, _ members: [Int]) {
        for index in members { places[index] = messages.count }
        messages.append(message)
    }
}

extension OutgoingMessage {
    /// The bundle with that body which goes the way of this message, its first.
    fileprivate func bundle(_ body: [UInt8], names: RuntimeNames) -> OutgoingMessage {
        var properties = MessageProperties()
        properties.contentType = "application/json"
        properties.deliveryMode = 2
        properties.type = names.bundleType
        properties.messageID = MessageID.random()
        properties.appID = self.properties.appID
        properties.timestamp = self.properties.timestamp
        return OutgoingMessage(
            exchange: exchange, routingKey: routingKey, properties: properties, body: body)
    }
}
