import Foundation
import RefundMessages
import TestSupport

/// Requests that flow through a virtual host: who sends and who subscribes are the same C programs
/// for the system and the raw pump.
struct Flow {
    /// A day: the subscriber itself gives up where nothing comes for long.
    private static let longestSeconds = 86_400.0
    /// For the subscriber to be there.
    private static let startSeconds = 30.0

    let url: String
    let directory: String

    /// Writes `count` requests, for the orders at those places of the mix, from a period on.
    static func write(
        _ count: Int, run: String, firstPeriod: Int,
        places: [Int] = Array(0..<Workload.period), requestedAt: Instant, to path: String
    ) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw BenchmarkFailure("\(path) cannot be written") }
        defer { try? file.close() }
        let load = Workload(mark: run, paidAt: requestedAt, requestedAt: requestedAt)
        for begin in stride(from: 0, to: count, by: 10_000) {
            var lines = Data()
            for number in begin..<min(begin + 10_000, count) {
                let (period, place) = number.quotientAndRemainder(dividingBy: places.count)
                let request = load.request(
                    load.requestID(number), of: Stock.Kind.orders.mark(firstPeriod + period),
                    places[place])
                lines.append(contentsOf: Array("\(request.requestID)\t".utf8))
                lines.append(contentsOf: request.encode())
                lines.append(UInt8(ascii: "\n"))
            }
            try file.write(contentsOf: lines)
        }
    }

    /// Writes the requests of a template: their ids carry its mark too.
    static func writeTemplate(_ mark: String, requestedAt: Instant, to path: String) throws {
        let load = Workload(mark: mark, paidAt: requestedAt, requestedAt: requestedAt)
        let lines = (0..<Workload.period).map { place in
            let request = load.request(load.requestID(place), of: mark, place)
            return "\(request.requestID)\t\(String(decoding: request.encode(), as: UTF8.self))\n"
        }
        try lines.joined().write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Sends them, as fast as the broker confirms or that many a second, and waits for every final
    /// outcome.
    func run(
        _ requests: String, count: Int, run: String, rate: Double = 0
    ) async throws -> FlowFigures {
        let subscriber = try await subscribe(count, run)
        let sent = try await send(requests, rate: rate)
        return try await figures(of: subscriber, count, from: sent.start, rate: rate)
    }

    /// - Returns: nanoseconds of its start.
    func send(_ requests: String, rate: Double = 0) async throws -> (start: Int64, end: Int64) {
        let ending = try await Command.run(
            Programs.path("raw-amqp"), ["send", url, requests, "\(rate)"])
        let figures = ending.output.split(whereSeparator: \.isWhitespace)
        guard ending.status == 0, figures.count == 3, let start = Int64(figures[0]),
            let end = Int64(figures[1])
        else { throw BenchmarkFailure("sending failed: \(ending.output)") }
        return (start, end)
    }

    /// The subscriber of a run's outcomes, once it consumes.
    func subscribe(_ count: Int, _ run: String) async throws -> ServiceProcess {
        let process = try ServiceProcess(
            executable: Programs.path("raw-amqp"), name: "receive",
            arguments: [
                "receive", url, Installation.subscriberQueue, "r-\(run)-", "\(count)", arrivals,
            ], environment: [:])
        try await process.waitForLine("ready", within: Self.startSeconds)
        return process
    }

    /// Waits for the last outcome.
    func figures(
        of subscriber: ServiceProcess, _ count: Int, from start: Int64, rate: Double = 0
    ) async throws -> FlowFigures {
        _ = try await subscriber.waitForEnd(within: Self.longestSeconds)
        let words = subscriber.output.split(whereSeparator: \.isWhitespace)
        let numbers = words.dropFirst(2).compactMap { Int($0) }
        guard numbers.count == 5, let data = FileManager.default.contents(atPath: arrivals) else {
            throw BenchmarkFailure("not every request was answered: \(subscriber.output)")
        }
        let times = data.withUnsafeBytes { Array($0.bindMemory(to: Int64.self)) }
        return FlowFigures(
            arrivals: times, start: start, rate: rate, repeated: numbers[0],
            endings: Endings(
                refunded: numbers[1] + numbers[2], denied: numbers[3], actionRequired: numbers[4]))
    }

    private var arrivals: String { "\(directory)/arrivals" }
}

/// What was measured of a flow.
struct FlowFigures {
    private let arrivals: [Int64]
    private let start: Int64
    private let rate: Double
    /// Outcomes that came again.
    let repeated: Int
    let endings: Endings

    init(arrivals: [Int64], start: Int64, rate: Double, repeated: Int, endings: Endings) {
        self.arrivals = arrivals
        self.start = start
        self.rate = rate
        self.repeated = repeated
        self.endings = endings
    }

    var seconds: Double { Double((arrivals.max() ?? start) - start) / 1e9 }
    /// Refunds a second, from the first request sent to the last outcome.
    var perSecond: Double { Double(arrivals.count) / seconds }

    /// Refunds a second without the first and the last tenth, while every part has work: the slope of
    /// the line through the outcomes, which come in bursts.
    var steadyPerSecond: Double {
        let sorted = arrivals.sorted()
        let middle = sorted[(sorted.count / 10)..<(sorted.count * 9 / 10)]
        guard let first = middle.first, let last = middle.last, first < last else { return .nan }
        let times = middle.map { Double($0 - first) / 1e9 }
        let (meanTime, meanNumber) = (
            times.reduce(0, +) / Double(times.count), Double(times.count - 1) / 2
        )
        var (together, spread) = (0.0, 0.0)
        for (number, time) in times.enumerated() {
            together += (time - meanTime) * (Double(number) - meanNumber)
            spread += (time - meanTime) * (time - meanTime)
        }
        return together / spread
    }

    /// Milliseconds from when each request was due to its final outcome.
    var latency: Latency {
        Latency(
            milliseconds: arrivals.enumerated().map { number, arrival in
                (Double(arrival - start) - Double(number) / rate * 1e9) / 1e6
            })
    }
}

/// Percentiles, in milliseconds.
struct Latency {
    let p50: Double
    let p90: Double
    let p99: Double
    let max: Double

    init(milliseconds: [Double]) {
        let sorted = milliseconds.sorted()
        let at = { (part: Double) in
            sorted.isEmpty
                ? Double.nan : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
        }
        (p50, p90, p99, max) = (at(0.5), at(0.9), at(0.99), at(1))
    }
}

extension ServiceProcess {
    /// Until it has printed that line.
    func waitForLine(_ line: String, within seconds: Double) async throws {
        let found = await eventually(within: seconds) { !isRunning || output.contains(line) }
        guard found, output.contains(line) else {
            throw BenchmarkFailure("a program did not get ready: \(output)")
        }
    }
}
