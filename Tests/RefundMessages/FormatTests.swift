import RefundMessages
import Testing

@Suite struct InstantTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("1969-12-31T23:59:59.999999999Z", -1, 999_999_999),
            ("2026-11-20T03:00:00+08:00", 1_795_114_800, 0),
            ("2026-11-19T19:00:00-00:00", 1_795_114_800, 0),
            ("2026-11-19T13:30:00.000-05:30", 1_795_114_800, 0),
            ("2026-11-20T18:59:00+23:59", 1_795_114_800, 0),
            ("2024-02-29T00:00:00.1Z", 1_709_164_800, 100_000_000),
            ("2000-02-29T23:59:59Z", 951_868_799, 0),
            ("0000-01-01T00:00:00Z", -62_167_219_200, 0),
            ("9999-12-31T23:59:59.999999999Z", 253_402_300_799, 999_999_999),
            ("9999-12-31T23:59:59-00:01", 253_402_300_799, 999_999_999),
            ("0000-01-01T00:00:00+00:01", -62_167_219_200, 0),
        ] as [(String, Int64, Int32)])
    func rfc3339IsRead(_ text: String, _ seconds: Int64, _ nanoseconds: Int32) {
        #expect(
            Instant(rfc3339: text) == Instant(seconds: seconds, nanoseconds: nanoseconds))
    }

    @Test(arguments: [
        "", "2026", "2026-11-23", "2026-11-23T07:00Z", "2026-11-23T07:00:00",
        "2026-11-23 07:00:00Z",
        "2026-11-23t07:00:00Z", "2026-11-23T07:00:00z", "2026-11-23T07:00:00.Z",
        "2026-11-23T07:00:00,5Z", "2026-11-23T07:00:00.1234567890Z", "2026-11-23T07:00:60Z",
        "2016-12-31T23:59:60Z", "2026-11-23T24:00:00Z", "2026-11-23T07:60:00Z",
        "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z", "2026-11-23T07:00:00+8:00", "2026-11-23T07:00:00+0800",
        "2026-11-23T07:00:00+24:00", "2026-11-23T07:00:00+08:60", "2026-11-23T07:00:00+08",
        "2026-11-23T07:00:00ZZ", " 2026-11-23T07:00:00Z", "2026-11-23T07:00:00Z ",
        "+2026-11-23T07:00:00Z", "12026-11-23T07:00:00Z", "２026-11-23T07:00:00Z",
        "-001-01-01T00:00:00Z",
    ])
    func anythingElseIsNoInstant(_ text: String) { #expect(Instant(rfc3339: text) == nil) }

    @Test(
        arguments: [
            (1_795_114_800, 0, "2026-11-19T19:00:00Z"),
            (1_795_114_800, 500_000_000, "2026-11-19T19:00:00.5Z"),
            (1_795_114_800, 1, "2026-11-19T19:00:00.000000001Z"),
            (-1, 120_000_000, "1969-12-31T23:59:59.12Z"),
            (253_402_300_800, 0, "9999-12-31T23:59:59.999999999Z"),
            (.max, 0, "9999-12-31T23:59:59.999999999Z"),
            (.min, 5, "0000-01-01T00:00:00Z"),
        ] as [(Int64, Int32, String)])
    func anInstantIsWrittenInUTCAsShortAsItCan(
        _ seconds: Int64, _ nanoseconds: Int32, _ text: String
    ) {
        #expect(Instant(seconds: seconds, nanoseconds: nanoseconds).rfc3339 == text)
    }

    /// Every day of 800 years against counting by one, so that no leap rule is missed.
    @Test func theCalendarIsCountedRight() {
        var date = CivilDate(year: 1600, month: 1, day: 1)
        var days = date.daysSince1970
        #expect(days == -135_140)
        #expect(date.weekday == 6)
        var weekday = date.weekday
        while date.year < 2400 {
            if CivilDate(daysSince1970: days) != date || date.daysSince1970 != days
                || date.weekday != weekday || !date.exists
            {
                Issue.record("\(date) is counted wrong")
                return
            }
            days += 1
            weekday = weekday % 7 + 1
            date.day += 1
            if !date.exists { date = CivilDate(year: date.year, month: date.month + 1, day: 1) }
            if !date.exists { date = CivilDate(year: date.year + 1, month: 1, day: 1) }
        }
        #expect(days == CivilDate(year: 2400, month: 1, day: 1).daysSince1970)
    }
}

@Suite struct CurrencyTests {
    @Test(arguments: [
        ("USD", 2), ("EUR", 2), ("CNY", 2), ("JPY", 0), ("KRW", 0), ("VND", 0), ("XOF", 0),
        ("BHD", 3), ("TND", 3), ("IQD", 3), ("XCG", 2), ("ZWG", 2), ("SLE", 2), ("MGA", 2),
    ])
    func moneyInCirculationIsAccepted(_ code: String, _ exponent: Int) {
        #expect(Currency.exponent(of: code) == exponent)
    }

    @Test(arguments: [
        "XXX", "XTS", "XAU", "XAG", "XPT", "XPD", "XDR", "XSU", "XUA", "XBA", "XBB", "XBC", "XBD",
        "XAD", "BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW", "ANG", "HRK", "BGN",
        "ZWL", "SLL", "CUC", "DEM", "usd", "US", "USDD", "", "€", "BTC",
    ])
    func anythingElseIsNot(_ code: String) { #expect(Currency.exponent(of: code) == nil) }
}

@Suite struct EnvelopeTests {
    private func reason(
        type: String? = nil, contentType: String? = nil, contentEncoding: String? = nil,
        expecting: String = RefundRequest.messageType
    ) -> DeadLetterReason? {
        do throws(MessageFault) {
            try MessageEnvelope.check(
                type: type, contentType: contentType, contentEncoding: contentEncoding,
                expecting: expecting)
            return nil
        } catch { return error.reason }
    }

    @Test func whatIsMissingIsAssumed() { #expect(reason() == nil) }

    @Test(arguments: ["refund.request.v2", "Refund.request.v1", "order.paid.v1", "", " "])
    func anotherTypeIsUnsupported(_ type: String) {
        #expect(reason(type: type) == .unsupportedType)
        #expect(reason(type: RefundRequest.messageType) == nil)
    }

    @Test func aUsageDocumentOfAnotherProductThanTheRoutingKeySaysIsUnsupported() {
        let expected = Usage.messageType(for: .pca)
        #expect(expected == "usage.pca.v1")
        #expect(reason(type: "usage.pca.v1", expecting: expected) == nil)
        #expect(reason(type: "usage.gateway.v1", expecting: expected) == .unsupportedType)
    }

    @Test(arguments: [
        "application/json", "Application/JSON", "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"", " application/json ; v=1 ; charset=utf-8 ",
    ])
    func jsonIsSupported(_ contentType: String) { #expect(reason(contentType: contentType) == nil) }

    @Test(arguments: [
        "text/plain", "text/json", "application/xml", "application/jsonl", "",
        "application/json; charset=utf-16", "application/json; charset", "json",
        "application/json; charset=latin1; charset=utf-8",
    ])
    func anotherContentIsUnsupported(_ contentType: String) {
        #expect(reason(contentType: contentType) == .unsupportedEncoding)
    }

    @Test(arguments: ["gzip", "deflate", "", "identity, gzip"])
    func anotherEncodingIsUnsupported(_ encoding: String) {
        #expect(reason(contentEncoding: encoding) == .unsupportedEncoding)
        #expect(reason(contentEncoding: "Identity") == nil)
    }
}
