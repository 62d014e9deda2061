import AMQP
import ArgumentParser
import RefundMessages

/// `queues`.
struct QueuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues",
        abstract: "Show what waits in each queue, who consumes it, how fast, and how old it is.",
        discussion: """
            READY counts the messages that no consumer holds, UNACKED those that one holds. IN/S and \
            OUT/S are what was published and acked a second, over the broker's last interval (5 s). \
            OLDEST is the age of the oldest message in the consumers' hands; what is ready is \
            younger, unless it came back. Reading these takes no message out of a queue.

            READY and CONSUMERS come from the broker itself. UNACKED, IN/S and OUT/S come from its \
            management API, where --management-url names it; OLDEST comes from the services' \
            metrics, where --metrics-url names them. What nobody could be asked about is a "?"; a \
            queue of which no consumer has a message in hand shows "–" for its age.
            """)

    @Option(
        help: """
            The broker's management API (REFUND_MANAGEMENT_URL), as http://127.0.0.1:15672. User \
            and password are those of the broker's URL, unless it has its own.
            """)
    var managementURL: String?

    @Option(
        name: .customLong("metrics-url"),
        help: """
            Where a service's metrics are, as http://127.0.0.1:8080; once for each process \
            (REFUND_METRICS_URLS, separated by spaces).
            """)
    var metricsURLs: [String] = []

    @OptionGroup var definitions: DefinitionsOption
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let names = try definitions.load().queues.map(\.name).sorted()
        let statuses = try await BrokerSession.run(options) { broker in
            let topology = broker.topology()
            var statuses: [String: QueueStatus] = [:]
            for name in names { statuses[name] = try await topology.status(of: name) }
            return statuses
        }
        let (traffic, unknownTraffic) = await askManagement()
        let (oldest, unknownAges) = await askServices()
        let now = Instant.now().seconds
        let rows = names.map { name in
            QueueRow(
                queue: name, status: statuses[name], traffic: traffic[name],
                age: oldest[name].map { QueueRow.Age(publishedAt: $0, now: now) })
        }
        show(rows, notes: unknownTraffic + unknownAges)
    }

    private func show(_ rows: [QueueRow], notes: [String]) {
        let console = options.console
        if console.json {
            console.json(rows.jsonBytes())
        } else {
            var table = Table(
                "QUEUE", ">READY", ">UNACKED", ">CONSUMERS", ">IN/S", ">OUT/S", ">OLDEST")
            for row in rows { table.add(row.cells) }
            console.table(table)
        }
        for note in notes { console.note(note) }
    }

    /// What the management API says; else why it says nothing.
    private func askManagement() async -> ([String: QueueTraffic], notes: [String]) {
        guard let url = managementURL ?? GlobalOptions.environment("REFUND_MANAGEMENT_URL") else {
            return (
                [:],
                [
                    "UNACKED, IN/S and OUT/S: say with --management-url where the broker's "
                        + "management API is"
                ]
            )
        }
        do {
            let api = try ManagementAPI(url, broker: try options.brokerURL())
            return (try await api.traffic(), [])
        } catch {
            return ([:], ["UNACKED, IN/S and OUT/S: \(CommandFailure(of: error).description)"])
        }
    }

    /// Unix seconds at which the oldest message in hand was published, by queue; 0: none in hand.
    private func askServices() async -> ([String: Int64], notes: [String]) {
        let listed = GlobalOptions.environment("REFUND_METRICS_URLS") ?? ""
        let urls = metricsURLs.isEmpty ? listed.split(separator: " ").map(String.init) : metricsURLs
        guard !urls.isEmpty else {
            return ([:], ["OLDEST: say with --metrics-url where the services' metrics are"])
        }
        var oldest: [String: Int64] = [:]
        var notes: [String] = []
        for url in urls {
            do {
                for (queue, time) in try await ServiceMetrics(url).oldest() {
                    let known = oldest[queue, default: 0]
                    oldest[queue] = known == 0 || time == 0 ? max(known, time) : min(known, time)
                }
            } catch {
                notes.append("OLDEST: \(CommandFailure(of: error).description)")
            }
        }
        return (oldest, notes)
    }
}
