import RefundMessages

extension BadMessage {
    /// Of every queue at least one.
    static let all = notJSON + tooMuch + wrongProperties + wrongForm + wrongTime + otherQueues

    private static let notJSON: [BadMessage] = [
        .text("An empty body", .malformedJSON) { _ in "" },
        .text("White space", .malformedJSON) { _ in " \n" },
        .text("Text", .malformedJSON) { "refund \($0), please" },
        .text("A byte order mark", .malformedJSON) { "\u{FEFF}" + request($0) },
        .text("Two values", .malformedJSON) { request($0) + "{}" },
        .text("A duplicate key", .malformedJSON) { request($0, extra: #","orderId":"o-1""#) },
        .text("A lone surrogate", .malformedJSON) {
            request($0, extra: #","reason":"\ud800""#)
        },
        .text("A lone surrogate in an unknown field", .malformedJSON) {
            request($0, extra: #","colour":"\udc00""#)
        },
        .text("A truncated message", .malformedJSON) { String(request($0).dropLast(20)) },
        BadMessage(
            name: "Invalid UTF-8",
            body: { Array(request($0, extra: ",\"reason\":\"").utf8) + [0xC3, 0x28, 0x22, 0x7D] },
            reason: .malformedJSON),
        BadMessage(
            name: "UTF-16",
            body: { request($0).utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] } },
            reason: .malformedJSON),
    ]

    private static let tooMuch: [BadMessage] = [
        .text("A body of 1 MiB", .tooLarge) { padded(request($0), to: 1 << 20) },
        .text("A body of 64 KiB and a byte", .tooLarge) { padded(request($0), to: 65_537) },
        .text("100,000 levels, which is more than 64 KiB too", .tooLarge) { nested($0, 100_000) },
        .text("20,000 levels", .tooDeep) { nested($0, 20_000) },
        .text("17 levels", .tooDeep) { nested($0, 17) },
    ]

    private static let wrongProperties: [BadMessage] = [
        .text("A type of version 2", .unsupportedType, type: "refund.request.v2") { request($0) },
        .text("Another message's type", .unsupportedType, type: "order.paid.v1") { request($0) },
        .text("Plain text", .unsupportedEncoding, contentType: "text/plain") { request($0) },
        .text("JSON in Latin-1", .unsupportedEncoding, contentType: "application/json; charset=x") {
            request($0)
        },
        .text("Compressed", .unsupportedEncoding, contentEncoding: "gzip") { request($0) },
        .text(
            "A type that the routing key contradicts", on: .usage(.pca), .unsupportedType,
            type: "usage.gateway.v1"
        ) { gatewayUsage($0) },
    ]

    private static let wrongForm: [BadMessage] = [
        .text("No id", .invalidMessage, "/requestId") { request($0, ["requestId": nil]) },
        .text("A list", .invalidMessage, "") { "[\"\($0)\"]" },
        .text("A number for an id", .invalidMessage, "/accountId") {
            request($0, ["accountId": "7"])
        },
        .text("An id of 65 characters", .invalidMessage, "/orderId") {
            request($0, ["orderId": "\"\(String(repeating: "o", count: 65))\""])
        },
        .text("A line named twice", .invalidMessage, "/lines/1") {
            request($0, extra: #","lines":["1","1"]"#)
        },
        .text("U+0000", .invalidMessage, "/reason") { request($0, extra: #","reason":"\u0000""#) },
        .text("A time without an offset", .invalidMessage, "/requestedAt") {
            request($0, ["requestedAt": #""2026-11-23T07:00:00""#])
        },
    ]

    private static let wrongTime: [BadMessage] = [
        .text("Six minutes ahead", .requestedAtInFuture, "/requestedAt") {
            let time = Instant.now().advanced(bySeconds: 360).rfc3339
            return request($0, ["requestedAt": "\"\(time)\""])
        },
        .text("31 days old", .requestedAtTooOld, "/requestedAt") {
            request($0, ["requestedAt": "\"\(Instant.daysAgo(31).rfc3339)\""])
        },
    ]

    private static let otherQueues: [BadMessage] =
        [
            .text("Money with a fraction", on: .orders, .invalidMessage, "/lines/0/cash") {
                order($0, cash: "1.5")
            },
            .text("Money with an exponent", on: .orders, .invalidMessage, "/lines/0/cash") {
                order($0, cash: "1e2")
            },
            .text("Money beyond 2^53", on: .orders, .invalidMessage, "/lines/0/cash") {
                order($0, cash: "9007199254740992")
            },
            .text("No quota", on: .usage(.gateway), .invalidMessage, "/quotaIncluded") {
                gatewayUsage($0, quota: 0)
            },
            .text("A decision about an unknown request", on: .reviews, .notInReview, "/requestId") {
                #"{"requestId":"\#($0)","decision":"approve","operator":"kim"}"#
            },
            .text("An amount with a denial", on: .reviews, .invalidMessage, "/amount") {
                #"{"requestId":"\#($0)","lineId":"1","decision":"deny","amount":1,"operator":"kim"}"#
            },
            .text("A result for another product", on: .results, .notAuthorised, "/product") {
                #"{"caseId":"\#($0)","requestId":"\#($0)","orderId":"o-1","product":"pca","#
                    + #""revision":1,"lines":[{"lineId":"1","verdict":"eligible","code":"eligible","#
                    + #""rules":[],"amount":5,"steps":[]}]}"#
            },
            .text("A result that is none", on: .results, .malformedJSON) { "result \($0)" },
            .text("A settlement that is none", on: .settlements, .malformedJSON) { "leg \($0)" },
            .text("News that is none", on: .payments, .malformedJSON) { "news \($0)" },
        ]
        + Product.allCases.flatMap { product -> [BadMessage] in
            [
                .text("A usage document that is none", on: .usage(product), .malformedJSON) {
                    "usage \($0)"
                },
                .text("A check that is none", on: .checks(product), .malformedJSON) {
                    "check \($0)"
                },
                .text("An outcome that is none", on: .outcomes(product), .malformedJSON) {
                    "outcome \($0)"
                },
            ]
        }

    private static func padded(_ text: String, to size: Int) -> String {
        let start = text.dropLast() + ",\"padding\":\""
        return start + String(repeating: "x", count: size - start.utf8.count - 2) + "\"}"
    }

    /// The outermost object is level 1.
    private static func nested(_ id: String, _ levels: Int) -> String {
        let (open, close) = (
            String(repeating: "[", count: levels - 1), String(repeating: "]", count: levels - 1)
        )
        return request(id, extra: ",\"deep\":\(open)\(close)")
    }

    private static func gatewayUsage(_ id: String, quota: Int = 300) -> String {
        #"{"orderId":"o-\#(id)","lineId":"1","version":1,"domainsAdded":0,"#
            + #""quotaIncluded":\#(quota),"quotaConsumed":0}"#
    }

    private static func order(_ id: String, cash: String) -> String {
        #"{"orderId":"o-\#(id)","version":1,"accountId":"a-1","paidAt":"2026-11-20T03:00:00Z","#
            + #""currency":"USD","payments":[],"#
            + #""lines":[{"lineId":"1","product":"pca","fee":160,"cash":\#(cash)}]}"#
    }
}
