import RefundMessages

extension DeadLetterView {
    /// Of a property or header, at most.
    private static let widestValue = 120
    /// Headers shown, at most.
    private static let mostHeaders = 64

    func print(on console: Console) {
        printHead(on: console)
        console.line()
        printBody(on: console)
        printProperties(on: console)
        printHistory(on: console)
    }

    private func printHead(on console: Console) {
        let state = DeadLetterState(rawValue: row.state)?.style ?? .plain
        console.line("Dead letter \(row.id) · " + console.paint(row.state, state))
        let place = row.path.map { " at \($0.isEmpty ? "the whole body" : $0)" } ?? ""
        console.line(console.paint((row.reason + place).clipped(to: 160), .bad))
        console.line(detail.clipped(to: 1_024))
        console.line()
        for (name, value) in facts where !value.isEmpty {
            console.line("\(console.paint(name.padded(to: 9), .title))  \(value)")
        }
    }

    /// Names and what is said under them; nothing is said of what is empty.
    var facts: [(name: String, value: String)] {
        let from = row.queue.map { "\($0.clipped(to: 64)) · " } ?? "no queue took it · "
        let times =
            firstFailedAt == lastFailedAt
            ? lastFailedAt.toTheSecond
            : "\(firstFailedAt.toTheSecond) to \(lastFailedAt.toTheSecond)"
        // The broker does not tell how often its queue delivered what it gave up.
        let isUncounted = consumer == nil && row.reason == "delivery_limit"
        let count = attempts == 1 ? "1 attempt" : "\(attempts) attempts"
        let tries = isUncounted ? "delivered as often as the queue's limit allows" : count
        let by = consumer.map { " by \($0.clipped(to: 64))" } ?? ""
        let ids = [
            row.requestID.map { "request \($0.clipped(to: 64))" },
            row.orderID.map { "order \($0.clipped(to: 64))" },
        ].compactMap(\.self)
        return [
            (
                "From",
                "\(from)exchange '\(exchange.clipped(to: 64))', key '\(routingKey.clipped(to: 64))'"
            ),
            (
                "Message",
                [type, messageID].compactMap { $0?.clipped(to: 80) }.joined(separator: " · ")
            ),
            ("Of", ids.joined(separator: ", ")),
            ("Failed", "\(times) · \(tries)\(by)"),
            ("Seen", sightings > 1 ? "\(sightings) times, of one and the same message" : ""),
            ("Group", fingerprint),
            ("Replay", replay), ("", replayOf.map { "This came of the replay of \($0)." } ?? ""),
            ("", row.failedAgainAs.map { "It was replayed, and failed again as \($0)." } ?? ""),
        ]
    }

    /// What a replay would meet, as long as there may be one.
    private var replay: String {
        switch DeadLetterState(rawValue: row.state) {
        case .replaying, .resolved: return ""
        case .replayed: return row.failedAgainAs == nil ? "sent; nothing is heard of it yet" : ""
        case .discarded: return "once it is restored, " + replayForecast
        case .open, nil: return replayForecast
        }
    }

    private var replayForecast: String {
        var text = "to \(forecast.destination): \(ForecastText.meaning(forecast.code))"
        if forecast.code == "fails", let reason = forecast.reason {
            text += " (\(reason)\(forecast.path.map { " at \($0)" } ?? ""))"
        }
        return text.clipped(to: 200)
    }

    private func printBody(on console: Console) {
        guard !body.isEmpty else { return console.line("The body is empty.") }
        guard let lines = BodyLines(pretty ?? body, path: row.path) else {
            console.line("The body is \(body.count) bytes that are no text:")
            for line in HexDump.lines(body) { console.line(line) }
            return
        }
        for line in lines.text(label: row.reason.clipped(to: 40), { console.paint($0, $1) }) {
            console.line(line)
        }
    }

    private func printProperties(on console: Console) {
        var table = Table("PROPERTY OR HEADER", "VALUE")
        for (name, value) in properties + (headers ?? []).prefix(Self.mostHeaders) {
            table.add(
                Table.Cell(name.clipped(to: 40)), Table.Cell(value.clipped(to: Self.widestValue)))
        }
        console.line()
        console.table(table)
        if headers == nil {
            console.line("The headers are nested too deep to be read; --json has them in base64.")
        }
        let more = (headers?.count ?? 0) - Self.mostHeaders
        if more > 0 { console.line("… and \(more) headers more; --json has them.") }
    }

    private func printHistory(on console: Console) {
        var table = Table("TIME", "WHAT", "BY", "JOB", "NOTE")
        for entry in history { table.add(entry.cells) }
        console.line()
        console.table(table)
    }
}
