import AMQP
import Foundation
import RefundMessages
import TestSupport

/// What the parts of a measurement share: one kind of database, the services on it, the raw pump
/// beside them.
final class Bench: Sendable {
    let installation: Installation
    let fleet: Fleet
    let stock: Stock
    let pump: Pump
    let broker: Broker
    let report: Report
    let plan: Plan
    let system: Flow
    private let requestedAt: Instant
    private let state = Locked((nextRun: 0, nextPeriod: 1))

    /// Has the services make their databases and the templates of all later rows, and measures the
    /// sizes of their messages. No service runs after it.
    static func prepare(
        _ installation: Installation, _ store: any Store, _ broker: Broker, _ report: Report,
        _ plan: Plan
    ) async throws -> Bench {
        let fleet = Fleet(installation, store)
        let stock = Stock(store)
        let now = Int64(Date().timeIntervalSince1970)
        let at = Instant(seconds: now)
        let system = Flow(url: installation.systemURL, directory: installation.directory)
        try await fleet.start()
        try await publishTemplate(.cases, now, broker)
        let file = "\(installation.directory)/template"
        let sizes = try await MessageSizes.measured(at: broker) {
            let mark = Stock.Kind.cases.template
            try Flow.writeTemplate(mark, requestedAt: at, to: file)
            _ = try await system.run(file, count: Workload.period, run: mark, rate: 20)
        }
        try await publishTemplate(.orders, now, broker)
        try await stopWhenIdle(fleet, broker)
        try await stock.keep(.cases)
        try await stock.keep(.orders)
        report.note(sizes, store.engine)
        return Bench(
            installation, fleet, stock, Pump(installation, sizes), broker, report, plan, system, at)
    }

    private init(
        _ installation: Installation, _ fleet: Fleet, _ stock: Stock, _ pump: Pump,
        _ broker: Broker, _ report: Report, _ plan: Plan, _ system: Flow, _ requestedAt: Instant
    ) {
        self.installation = installation
        self.fleet = fleet
        self.stock = stock
        self.pump = pump
        self.broker = broker
        self.report = report
        self.plan = plan
        self.system = system
        self.requestedAt = requestedAt
    }

    var engine: Engine { fleet.store.engine }

    /// Sees to it that so many orders are there which nobody asked to refund, and that no service
    /// runs.
    func stockUp(_ orders: Int) async throws {
        try await fleet.stop()
        let periods = (orders + Workload.period - 1) / Workload.period
        let left = await stock.count(of: .orders) + 1 - state.withLock { $0.nextPeriod }
        if periods > left { _ = try await stock.add(.orders, periods: periods - left) }
    }

    /// Writes requests for orders in stock to a file of that name, in place of earlier ones.
    func requests(
        _ count: Int, places: [Int] = Array(0..<Workload.period), as name: String = "requests"
    ) throws -> Requests {
        let periods = (count + places.count - 1) / places.count
        let (number, period) = state.withLock { state in
            defer { state = (state.nextRun + 1, state.nextPeriod + periods) }
            return state
        }
        let requests = Requests(
            run: "\(engine.rawValue.prefix(1))\(number)", count: count, places: places,
            file: "\(installation.directory)/\(name)")
        try Flow.write(
            count, run: requests.run, firstPeriod: period, places: places,
            requestedAt: requestedAt, to: requests.file)
        return requests
    }

    /// Has the system answer them all, and checks the answers.
    func run(_ requests: Requests, rate: Double = 0) async throws -> FlowFigures {
        let figures = try await system.run(
            requests.file, count: requests.count, run: requests.run, rate: rate)
        try check(figures, requests)
        return figures
    }

    /// Has the raw pump move as many.
    func pumped(_ requests: Requests, rate: Double = 0) async throws -> FlowFigures {
        try await pump.start()
        let figures = try await pump.flow.run(
            requests.file, count: requests.count, run: requests.run, rate: rate)
        try await pump.stop()
        return figures
    }

    func check(_ figures: FlowFigures, _ requests: Requests) throws {
        let expected = Endings.expected(of: requests)
        guard figures.endings == expected else {
            throw BenchmarkFailure("it ended as \(figures.endings), and should as \(expected)")
        }
        if figures.repeated > 0 { print("    \(figures.repeated) outcomes were published again") }
    }

    private static func publishTemplate(
        _ kind: Stock.Kind, _ now: Int64, _ broker: Broker
    ) async throws {
        let load = Workload(
            mark: kind.template, paidAt: Instant(seconds: now - 86_400),
            requestedAt: Instant(seconds: now))
        let outcomes = try await broker.publisher.publish(load.facts)
        guard outcomes.allSatisfy({ $0 == .confirmed }) else {
            throw BenchmarkFailure("the broker did not take the orders and usage documents")
        }
        try await waitUntilEmpty(["facts.orders"] + Fleet.workers.map { "facts.\($0)" }, broker)
    }

    /// Stops the services with nothing left in a queue. What a service had in hand and could not
    /// finish is in its queue again once it has stopped: then it goes on.
    private static func stopWhenIdle(_ fleet: Fleet, _ broker: Broker) async throws {
        let own = ["requests", "facts.orders", "results", "settlements", "payments"]
        let queues =
            own + Fleet.workers.flatMap { ["facts.\($0)", "checks.\($0)", "outcomes.\($0)"] }
        while true {
            try await waitUntilEmpty(queues, broker)
            try await fleet.stop()
            var left = 0
            for queue in queues { left += try await waiting(queue, broker) }
            if left == 0 { return }
            try await fleet.start()
        }
    }

    private static func waitUntilEmpty(_ queues: [String], _ broker: Broker) async throws {
        for queue in queues {
            let isEmpty = try await eventually(within: 120) {
                try await waiting(queue, broker) == 0
            }
            guard isEmpty else { throw BenchmarkFailure("refund.\(queue) does not empty") }
        }
    }

    private static func waiting(_ queue: String, _ broker: Broker) async throws -> Int {
        Int(try await broker.topology().checkQueue("refund.\(queue)").messages)
    }
}

/// Requests in a file, each for an order of its own.
struct Requests: Sendable {
    let run: String
    let count: Int
    /// Those of the mix that are asked for, again and again.
    let places: [Int]
    let file: String
}
