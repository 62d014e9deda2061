import AMQP
import ArgumentParser
import Glibc
import Logging

/// One run of the library, as `raw-amqp` is one of C: the same arguments, the same answer.
struct AMQPLeg: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "amqp-leg", abstract: "One run of the comparison.", shouldDisplay: false)

    enum Direction: String, ExpressibleByArgument {
        case publish, consume
    }

    /// Calls that overlap, so that the window stays full: what raw-amqp does by hand.
    static let overlappingCalls = 4

    @Argument var direction: Direction
    @Argument var url: String
    @Argument var queue: String
    @Argument var count: Int
    @Argument var bytes: Int
    /// The window of unconfirmed messages, or the prefetch.
    @Argument var bound: Int
    /// Deliveries for each ack.
    @Argument var perAck = 1

    func run() async throws {
        var configuration = try BrokerConfiguration(uri: url, connectionName: "bench")
        if direction == .publish { configuration.publishWindowMessages = bound }
        let broker = Broker(
            configuration, logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await broker.run() }
        while !broker.isPublishing || !broker.isConnected {
            try await Task.sleep(for: .milliseconds(5))
        }
        let start = ClientFigures.now
        switch direction {
        case .publish: try await publish(broker)
        case .consume: try await consume(broker)
        }
        let spent = ClientFigures.now - start
        running.cancel()
        _ = await running.result
        print(spent.line)
    }

    private func publish(_ broker: Broker) async throws {
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: bytes)
        let size = bound / Self.overlappingCalls
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, first) in stride(from: 0, to: count, by: size).enumerated() {
                if index >= Self.overlappingCalls { try await group.next() }
                group.addTask {
                    let numbers = first..<min(first + size, count)
                    let messages = numbers.map { message($0, body) }
                    let outcomes = try await broker.publisher.publish(messages)
                    guard outcomes.allSatisfy({ $0 == .confirmed }) else {
                        throw BenchmarkFailure("the broker did not take every message")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func consume(_ broker: Broker) async throws {
        let consumer = broker.consumer(
            queue: queue, prefetch: UInt16(bound), maxBatch: perAck)
        var handled = 0
        var unacked = 0
        for await batch in consumer {
            guard batch.deliveries.allSatisfy({ $0.body.count == bytes }) else {
                throw BenchmarkFailure("a body of another length was delivered")
            }
            handled += batch.deliveries.count
            unacked += batch.deliveries.count
            guard unacked >= perAck || handled >= count else { continue }
            unacked = 0
            if let last = batch.deliveries.last { await batch.ack(upTo: last) }
            if handled >= count { break }
        }
        await consumer.cancel()
    }

    private func message(_ number: Int, _ body: [UInt8]) -> OutgoingMessage {
        var properties = MessageProperties()
        properties.deliveryMode = 2
        properties.contentType = "application/json"
        properties.messageID = "m-\(number)"
        properties.type = "bench.message.v1"
        return OutgoingMessage(
            exchange: "", routingKey: queue, properties: properties, body: body)
    }
}

/// Seconds on the clock, and of this process's CPU (getrusage, user and system).
struct ClientFigures {
    var seconds: Double
    var cpu: Double

    static var now: ClientFigures {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return ClientFigures(
            seconds: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9,
            cpu: Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
                + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6)
    }

    static func - (end: ClientFigures, start: ClientFigures) -> ClientFigures {
        ClientFigures(seconds: end.seconds - start.seconds, cpu: end.cpu - start.cpu)
    }

    /// As raw-amqp prints it.
    var line: String { "\(seconds) \(cpu)" }

    init(seconds: Double, cpu: Double) {
        self.seconds = seconds
        self.cpu = cpu
    }

    /// - Returns: nil where it is not such a line.
    init?(line: String) {
        let numbers = line.split(whereSeparator: \.isWhitespace).map { Double($0) }
        guard numbers.count == 2, let seconds = numbers[0], let cpu = numbers[1] else { return nil }
        self.init(seconds: seconds, cpu: cpu)
    }
}

/// What went wrong in a measurement, in a sentence.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
