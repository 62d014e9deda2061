import Telemetry
import Testing

private let id = "4bf92f3577b34da6a3ce929d0e0e4736"
private let parent = "00f067aa0ba902b7"

@Suite("traceparent") struct TraceContextTests {
    @Test(
        "A valid value is read and written back as version 00",
        arguments: [
            ("00-\(id)-\(parent)-01", "00-\(id)-\(parent)-01"),
            ("00-\(id)-\(parent)-00", "00-\(id)-\(parent)-00"),
            // Flags that version 00 does not define are not passed on.
            ("00-\(id)-\(parent)-ff", "00-\(id)-\(parent)-03"),
            // A future version may look the same or be longer.
            ("01-\(id)-\(parent)-01", "00-\(id)-\(parent)-01"),
            ("cc-\(id)-\(parent)-01-what-ever", "00-\(id)-\(parent)-01"),
            ("cc-\(id)-\(parent)-01-", "00-\(id)-\(parent)-01"),
        ])
    func reads(_ given: String, _ written: String) throws {
        #expect(try #require(TraceContext(traceparent: given)).traceparent == written)
    }

    @Test(
        "What the specification forbids is refused",
        arguments: [
            "", "00", "00-\(id)-\(parent)", "00-\(id)-\(parent)-0", "00-\(id)-\(parent)-01-",
            "00-\(id)-\(parent)-01-extra", "01-\(id)-\(parent)-01extra",
            "ff-\(id)-\(parent)-01", "0g-\(id)-\(parent)-01",
            "00-\(id.uppercased())-\(parent)-01", "00-\(id)-\(parent.uppercased())-01",
            "00-00000000000000000000000000000000-\(parent)-01", "00-\(id)-0000000000000000-01",
            "00_\(id)-\(parent)-01", "00-\(id)_\(parent)-01", "00-\(id)-\(parent)_01",
            " 00-\(id)-\(parent)-01", "00-\(id)-\(parent)-0x", "00-\(id)-\(parent)-é",
        ])
    func refuses(_ given: String) {
        #expect(TraceContext(traceparent: given) == nil)
    }

    @Test("A child stays on the trace with a parent id of its own")
    func child() throws {
        let context = try #require(TraceContext(traceparent: "00-\(id)-\(parent)-01"))
        let child = context.child()
        #expect(child.traceIDText == id)
        #expect(child.flags == context.flags)
        #expect(child.parentID != context.parentID)
        #expect(TraceContext(traceparent: child.traceparent) == child)
    }

    @Test("New traces are valid, sampled and differ")
    func random() {
        let traces = (0..<100).map { _ in TraceContext.random() }
        #expect(Set(traces).count == traces.count)
        #expect(traces.allSatisfy { TraceContext(traceparent: $0.traceparent) == $0 })
        #expect(traces.allSatisfy { $0.flags & 1 == 1 })
    }
}

@Suite("Wall time") struct WallTimeTests {
    @Test(
        "RFC 3339 in UTC with milliseconds",
        arguments: [
            (0, 0, "1970-01-01T00:00:00.000Z"),
            (-1, 999_999_999, "1969-12-31T23:59:59.999Z"),
            (951_782_400, 0, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199, 1_000_000, "2024-02-29T23:59:59.001Z"),
            (1_795_417_200, 123_456_789, "2026-11-23T07:00:00.123Z"),
            (253_402_300_799, 0, "9999-12-31T23:59:59.000Z"),
        ] as [(Int64, Int32, String)])
    func rfc3339(_ seconds: Int64, _ nanoseconds: Int32, _ text: String) {
        #expect(WallTime(seconds: seconds, nanoseconds: nanoseconds).rfc3339 == text)
    }

    @Test("The clock reads between its neighbours")
    func now() {
        let first = WallTime.now()
        let second = WallTime.now()
        #expect(first <= second)
        #expect(first.seconds > 1_700_000_000)
    }
}
