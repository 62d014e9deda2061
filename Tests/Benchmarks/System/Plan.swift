/// How much is measured.
struct Plan: Sendable {
    /// Mixed requests of the throughput part.
    var throughput = 50_000
    /// Seconds at each rate of the latency part.
    var latencySeconds = 15
    /// Requests that wait when the services are started.
    var backlogs = [1_000, 10_000, 50_000]
    /// Times that the smallest backlog is drained: the median counts.
    var drainsOfSmallest = 3
    /// Cases stored before throughput is measured, and the requests of each such measurement.
    var storedCases = [10_000, 200_000]
    var requestsBesideStored = 20_000
    var workers = [1, 8]
    /// Seconds for which each number of workers has work.
    var scalingSeconds = 30
    /// Starts of each service: the median counts.
    var starts = 3

    /// What ends in some minutes; what is about memory and size says little then.
    static let quick = Plan()

    /// All that the limits are about: hours, and 40 GB of disk.
    static let full = Plan(
        latencySeconds: 60, backlogs: [1_000, 10_000, 100_000, 1_000_000], drainsOfSmallest: 5,
        storedCases: [10_000, 100_000, 1_000_000, 10_000_000], requestsBesideStored: 50_000,
        workers: [1, 2, 4, 8], scalingSeconds: 60, starts: 5)

    /// Whether it is all in order, and no figure worth a look.
    static let smoke = Plan(
        throughput: 1_000, latencySeconds: 2, backlogs: [500, 1_000], drainsOfSmallest: 1,
        storedCases: [1_000, 5_000], requestsBesideStored: 1_000, workers: [1, 2],
        scalingSeconds: 3, starts: 1)
}

/// The parts, by the letters of their list in the table.
enum Part: String, CaseIterable, Encodable, Sendable {
    case throughput = "a"
    case latency = "b"
    case footprint = "c"
    case drain = "d"
    case stored = "e"
    case scaling = "f"
    case start = "g"

    /// What fills the database comes last.
    static let order: [Part] = [
        .start, .footprint, .throughput, .latency, .drain, .scaling, .stored,
    ]

    var title: String {
        switch self {
        case .throughput: "(a) throughput"
        case .latency: "(b) latency"
        case .footprint: "(c) memory and CPU, database"
        case .drain: "(d) draining a backlog"
        case .stored: "(e) beside stored cases"
        case .scaling: "(f) workers on checks of 10 ms"
        case .start: "(g) start to ready"
        }
    }
}
