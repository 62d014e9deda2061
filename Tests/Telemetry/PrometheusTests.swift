import CoreMetrics
import Telemetry
import Testing

/// The text without the process's own figures, which differ from run to run.
private func text(_ registry: PrometheusRegistry) -> String {
    let lines = registry.text().split(separator: "\n").filter { !$0.contains("process_") }
    return lines.joined(separator: "\n")
}

@Suite("Prometheus text") struct PrometheusTests {
    let registry = PrometheusRegistry()

    @Test("A counter ends in _total, only grows, and sorts its label sets")
    func counter() {
        registry.describe("messages_total", "Messages\nhandled \\ \"all\".")
        for (queue, count) in [("b", 2), ("a", 1), ("b", 3)] as [(String, Int64)] {
            let counter = registry.makeCounter(
                label: "messages", dimensions: [("queue", queue), ("a", "1")])
            counter.increment(by: count)
            counter.increment(by: -7)
        }
        #expect(
            text(registry) == #"""
                # HELP messages_total Messages\nhandled \\ "all".
                # TYPE messages_total counter
                messages_total{a="1",queue="a"} 1
                messages_total{a="1",queue="b"} 5
                """#)
    }

    @Test("Names and label values are made safe")
    func escaping() {
        registry.makeMeter(
            label: "9 lives.left", dimensions: [("what-ever", "a\"b\\c\nd")]
        ).set(1.5)
        #expect(
            text(registry) == #"""
                # HELP _9_lives_left 9 lives.left
                # TYPE _9_lives_left gauge
                _9_lives_left{what_ever="a\"b\\c\nd"} 1.5
                """#)
    }

    @Test("A timer is a histogram of seconds with cumulative buckets")
    func timer() {
        let timer = registry.makeTimer(label: "handling", dimensions: [])
        for nanoseconds in [400_000, 500_000, 3_000_000, 90_000_000_000] as [Int64] {
            timer.recordNanoseconds(nanoseconds)
        }
        let lines = text(registry).split(separator: "\n").map(String.init)
        #expect(lines[1] == "# TYPE handling_seconds histogram")
        #expect(lines[2] == #"handling_seconds_bucket{le="0.0005"} 2"#)
        #expect(lines[4] == #"handling_seconds_bucket{le="0.0025"} 2"#)
        #expect(lines[5] == #"handling_seconds_bucket{le="0.005"} 3"#)
        #expect(lines.contains(#"handling_seconds_bucket{le="60"} 3"#))
        #expect(
            lines.suffix(3) == [
                #"handling_seconds_bucket{le="+Inf"} 4"#, "handling_seconds_sum 90.0039",
                "handling_seconds_count 4",
            ])
    }

    @Test("A recorder is a histogram of counts, or the last value where it does not aggregate")
    func recorder() {
        let sizes = registry.makeRecorder(label: "sizes", dimensions: [], aggregate: true)
        sizes.record(Int64(1))
        sizes.record(Int64(200))
        sizes.record(Double.nan)
        let last = registry.makeRecorder(label: "last", dimensions: [], aggregate: false)
        last.record(Int64(7))
        last.record(Int64(3))
        let all = text(registry)
        #expect(all.contains("\nlast 3\n"))
        #expect(all.contains(#"sizes_bucket{le="1"} 1"#))
        #expect(all.contains(#"sizes_bucket{le="200"} 2"#))
        #expect(all.hasSuffix("sizes_sum 201\nsizes_count 2"))
    }

    @Test("A meter goes up and down, a floating counter only up")
    func numbers() {
        let meter = registry.makeMeter(label: "depth", dimensions: [])
        meter.set(Int64(5))
        meter.increment(by: 2)
        meter.decrement(by: 3.5)
        let seconds = registry.makeFloatingPointCounter(label: "spent", dimensions: [])
        seconds.increment(by: 0.25)
        seconds.increment(by: -1)
        seconds.increment(by: .infinity)
        #expect(text(registry).contains("\ndepth 3.5\n"))
        #expect(text(registry).hasSuffix("\nspent_total 0.25"))
    }

    @Test("Label sets beyond the bound share one series")
    func bound() {
        for number in 0..<(PrometheusRegistry.maximumSeries + 50) {
            registry.makeCounter(label: "many", dimensions: [("id", "\(number)")]).increment(by: 1)
        }
        let series = text(registry).split(separator: "\n").filter { $0.hasPrefix("many_total{") }
        #expect(series.count == PrometheusRegistry.maximumSeries + 1)
        #expect(series.contains(#"many_total{overflow="true"} 50"#))
    }

    @Test("A name used as another kind works and is not shown twice")
    func clash() {
        registry.makeMeter(label: "x", dimensions: []).set(Int64(1))
        registry.makeTimer(label: "x_seconds", dimensions: []).recordNanoseconds(1)
        registry.makeMeter(label: "x_seconds", dimensions: []).set(Int64(1))
        let types = text(registry).split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
        #expect(types == ["# TYPE x gauge", "# TYPE x_seconds histogram"])
    }

    @Test(
        "The process's own figures are there and plausible",
        arguments: [
            ("process_resident_memory_bytes", 1e6...1e11), ("process_cpu_seconds_total", 0...1e6),
            ("process_start_time_seconds", 1.6e9...1e11), ("process_open_fds", 3...1e6),
        ])
    func process(_ name: String, _ range: ClosedRange<Double>) throws {
        let line = try #require(
            registry.text().split(separator: "\n").first { $0.hasPrefix(name + " ") })
        let value = try #require(Double(line.split(separator: " ")[1]))
        #expect(range.contains(value))
    }
}
