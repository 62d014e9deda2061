import Foundation
import RefundMessages
import Testing

@testable import Orchestrator

@Suite("GEN-1, SSL-7: the dates the rules speak of, in the policy's zone")
struct RefundCalendarTests {
    private func expectDeadline(_ name: String, _ paidAt: String, _ days: Int, _ deadline: String) {
        let calendar = RefundCalendar(zone: zone(name))
        #expect(calendar.deadline(paidAt: at(paidAt), windowDays: days) == at(deadline))
    }

    @Test(
        "GEN-1: the payment day is the zone's, and does not count",
        arguments: [
            ("Asia/Shanghai", "2026-11-20T03:00:00+08:00", 7, "2026-11-27T16:00:00Z"),
            ("Asia/Shanghai", "2026-11-19T15:59:59Z", 7, "2026-11-26T16:00:00Z"),
            ("Asia/Shanghai", "2026-11-19T16:00:00Z", 7, "2026-11-27T16:00:00Z"),
            ("Asia/Shanghai", "2026-11-19T16:00:00Z", 3, "2026-11-23T16:00:00Z"),
            ("Asia/Shanghai", "2026-11-19T16:00:00Z", 0, "2026-11-20T16:00:00Z"),
            ("UTC", "2026-11-20T23:59:59Z", 7, "2026-11-28T00:00:00Z"),
            ("Asia/Kathmandu", "2026-11-20T18:14:59Z", 7, "2026-11-27T18:15:00Z"),
            ("Asia/Kathmandu", "2026-11-20T18:15:00Z", 7, "2026-11-28T18:15:00Z"),
            ("Pacific/Kiritimati", "2026-11-20T10:00:00Z", 7, "2026-11-28T10:00:00Z"),
        ])
    func deadline(zone: String, paidAt: String, days: Int, deadline: String) {
        expectDeadline(zone, paidAt, days, deadline)
    }

    @Test(
        "GEN-1: over leap days and a year's end",
        arguments: [
            ("Asia/Shanghai", "2028-02-22T00:00:00Z", 7, "2028-02-29T16:00:00Z"),
            ("UTC", "2028-02-21T12:00:00Z", 7, "2028-02-29T00:00:00Z"),
            ("UTC", "2027-02-21T12:00:00Z", 7, "2027-03-01T00:00:00Z"),
            ("UTC", "2100-02-21T12:00:00Z", 7, "2100-03-01T00:00:00Z"),
            ("Asia/Shanghai", "2026-12-26T02:00:00Z", 7, "2027-01-02T16:00:00Z"),
            ("UTC", "2026-12-24T00:00:00Z", 7, "2027-01-01T00:00:00Z"),
            ("UTC", "2026-12-23T23:59:59Z", 7, "2026-12-31T00:00:00Z"),
            ("UTC", "1969-12-30T12:00:00Z", 7, "1970-01-07T00:00:00Z"),
        ])
    func deadlineOverLeapDay(zone: String, paidAt: String, days: Int, deadline: String) {
        expectDeadline(zone, paidAt, days, deadline)
    }

    @Test(
        "GEN-1: a day with a DST change is one day; a midnight left out is the moment after it",
        arguments: [
            ("America/New_York", "2026-03-01T12:00:00Z", 7, "2026-03-09T04:00:00Z"),
            ("America/New_York", "2026-02-28T12:00:00Z", 7, "2026-03-08T05:00:00Z"),
            ("America/New_York", "2026-10-25T12:00:00Z", 7, "2026-11-02T05:00:00Z"),
            ("America/New_York", "2026-10-24T12:00:00Z", 7, "2026-11-01T04:00:00Z"),
            ("America/New_York", "2026-03-01T04:59:59Z", 7, "2026-03-08T05:00:00Z"),
            ("Europe/Berlin", "2026-03-22T10:00:00Z", 7, "2026-03-29T22:00:00Z"),
            ("Africa/Cairo", "2026-04-16T10:00:00Z", 7, "2026-04-23T22:00:00Z"),
            ("America/Havana", "2026-02-28T12:00:00Z", 7, "2026-03-08T05:00:00Z"),
            ("America/Havana", "2026-10-24T12:00:00Z", 7, "2026-11-01T04:00:00Z"),
            ("America/Santiago", "2026-08-29T12:00:00Z", 7, "2026-09-06T04:00:00Z"),
            ("Pacific/Apia", "2011-12-22T00:00:00Z", 7, "2011-12-29T10:00:00Z"),
            ("Pacific/Apia", "2011-12-22T12:00:00Z", 7, "2011-12-30T10:00:00Z"),
            ("Pacific/Apia", "2011-12-29T12:00:00Z", 0, "2011-12-30T10:00:00Z"),
            ("America/St_Johns", "2010-10-30T12:00:00Z", 7, "2010-11-07T02:30:00Z"),
            ("Australia/Lord_Howe", "2026-09-26T12:00:00Z", 7, "2026-10-03T13:30:00Z"),
            ("America/Asuncion", "2023-03-18T12:00:00Z", 7, "2023-03-26T04:00:00Z"),
        ])
    func deadlineOverChanges(zone: String, paidAt: String, days: Int, deadline: String) {
        expectDeadline(zone, paidAt, days, deadline)
    }

    @Test("GEN-1: a payment one nanosecond before midnight belongs to the day that ends")
    func nanoseconds() {
        let calendar = RefundCalendar(zone: zone("Asia/Shanghai"))
        let last = at("2026-11-19T15:59:59Z", nanoseconds: 999_999_999)
        #expect(calendar.deadline(paidAt: last, windowDays: 7) == at("2026-11-26T16:00:00Z"))
    }

    @Test(
        "SSL-7: a revocation's review ends with the 5th business day after the day of the request",
        arguments: [
            ("Asia/Shanghai", "2026-11-23T07:00:00Z", "2026-11-30T16:00:00Z"),
            ("Asia/Shanghai", "2026-11-24T07:00:00Z", "2026-12-01T16:00:00Z"),
            ("Asia/Shanghai", "2026-11-25T07:00:00Z", "2026-12-02T16:00:00Z"),
            ("Asia/Shanghai", "2026-11-26T07:00:00Z", "2026-12-03T16:00:00Z"),
            ("Asia/Shanghai", "2026-11-27T07:00:00Z", "2026-12-04T16:00:00Z"),
            ("Asia/Shanghai", "2026-11-28T07:00:00Z", "2026-12-04T16:00:00Z"),
            ("Asia/Shanghai", "2026-11-29T07:00:00Z", "2026-12-04T16:00:00Z"),
            ("Asia/Shanghai", "2026-11-22T16:00:00Z", "2026-11-30T16:00:00Z"),
            ("Asia/Shanghai", "2026-11-22T15:59:59Z", "2026-11-27T16:00:00Z"),
            ("America/New_York", "2026-03-02T17:00:00Z", "2026-03-10T04:00:00Z"),
            ("America/New_York", "2026-03-06T17:00:00Z", "2026-03-14T04:00:00Z"),
            ("Africa/Cairo", "2026-04-16T12:00:00Z", "2026-04-23T22:00:00Z"),
            ("UTC", "2028-02-25T12:00:00Z", "2028-03-04T00:00:00Z"),
            ("UTC", "2026-12-29T12:00:00Z", "2027-01-06T00:00:00Z"),
        ])
    func revocation(name: String, requestedAt: String, expectedBy: String) {
        let calendar = RefundCalendar(zone: zone(name))
        #expect(calendar.revocationExpectedBy(requestedAt: at(requestedAt)) == at(expectedBy))
    }

    @Test("Dates at the ends of what RFC 3339 can write stay within it")
    func extremes() {
        let calendar = RefundCalendar(zone: zone("Asia/Shanghai"))
        let last = RefundCalendar.lastInstant
        #expect(last == at("9999-12-31T23:59:59Z", nanoseconds: 999_999_999))
        #expect(calendar.deadline(paidAt: last, windowDays: 3_650) == last)
        #expect(calendar.revocationExpectedBy(requestedAt: last) == last)
        let first = at("0001-01-01T00:00:00Z")
        #expect(calendar.deadline(paidAt: first, windowDays: 0) > first)
    }

    @Test(
        "A day's start is the first instant that is not before the day, in every zone",
        arguments: [
            "Asia/Shanghai", "UTC", "America/New_York", "America/Havana", "Africa/Cairo",
            "Pacific/Apia", "America/St_Johns", "Australia/Lord_Howe", "America/Sao_Paulo",
            "Africa/Casablanca", "Asia/Gaza",
        ])
    func dayStarts(name: String) {
        let zone = zone(name)
        let days = ZonedDays(zone)
        func localDay(_ seconds: Int64) -> Int64 {
            let date = Date(timeIntervalSince1970: Double(seconds))
            return (seconds + Int64(zone.secondsFromGMT(for: date))) / 86_400
        }
        // 2005-01-01 to 2040-01-01, every day.
        for day in Int64(12_784)..<25_567 {
            let start = days.start(ofDay: day).seconds
            guard localDay(start) >= day, localDay(start - 1) < day else {
                Issue.record("day \(day) does not start at \(start)")
                return
            }
            #expect(days.day(of: Instant(seconds: start)) == localDay(start))
        }
    }
}
