import RefundMessages
import Testing

@Suite struct RequestFaultTests {
    @Test(arguments: [
        Fault(Samples.request, #""requestId":"r-1","#, "", at: "/requestId"),
        Fault(Samples.request, #""r-1""#, "null", at: "/requestId"),
        Fault(Samples.request, #""r-1""#, "1", at: "/requestId"),
        Fault(Samples.request, #""r-1""#, #""""#, at: "/requestId"),
        Fault(Samples.request, #""r-1""#, #""-r""#, at: "/requestId"),
        Fault(Samples.request, #""r-1""#, #""r 1""#, at: "/requestId"),
        Fault(Samples.request, #""r-1""#, #""~r""#, at: "/requestId"),
        Fault(Samples.request, #""r-1""#, #""r/1""#, at: "/requestId"),
        Fault(Samples.request, #""r-1""#, #""ré""#, at: "/requestId"),
        Fault(Samples.request, #""r-1""#, #""r\u0000""#, at: "/requestId"),
        Fault(Samples.request, "r-1", String(repeating: "r", count: 65), at: "/requestId"),
        Fault(Samples.request, #""o-1""#, "[]", at: "/orderId"),
        Fault(Samples.request, #""a-1""#, "{}", at: "/accountId"),
        Fault(Samples.request, #""requestedAt""#, #""requestedat""#, at: "/requestedAt"),
        Fault(Samples.request, "T07", "t07", at: "/requestedAt"),
        Fault(Samples.request, #"["1","2"]"#, "[]", at: "/lines"),
        Fault(Samples.request, #"["1","2"]"#, #""1""#, at: "/lines"),
        Fault(Samples.request, #"["1","2"]"#, #"["1",2]"#, at: "/lines/1"),
        Fault(Samples.request, #"["1","2"]"#, #"["1","2","1"]"#, at: "/lines/2"),
        Fault(Samples.request, #"["1","2"]"#, #"["1","2","\u0031"]"#, at: "/lines/2"),
        Fault(Samples.request, #"["1","2"]"#, #"[null]"#, at: "/lines/0"),
        Fault(Samples.request, #""allOrNothing":false"#, #""allOrNothing":0"#, at: "/allOrNothing"),
        Fault(Samples.request, #""dryRun":false"#, #""dryRun":"false""#, at: "/dryRun"),
        Fault(Samples.request, "bought twice", #"a\u0000"#, at: "/reason"),
        Fault(
            Samples.request, "bought twice", String(repeating: "é", count: 501), at: "/reason"),
        Fault(body: "[]", .invalidMessage, at: ""),
        Fault(body: "null", .invalidMessage, at: ""),
        Fault(body: #""text""#, .invalidMessage, at: ""),
        Fault(body: "7", .invalidMessage, at: ""),
        Fault(body: "{}", .invalidMessage, at: "/requestId"),
    ])
    func aFaultIsNamedWithItsPlace(_ fault: Fault) { fault.check(RefundRequest.decode) }

    @Test func whatIsOptionalMayBeNullOrAbsent() throws {
        let shortest = """
            {"requestId":"r-1","orderId":"o-1","accountId":"a-1",\
            "requestedAt":"2026-11-23T07:00:00Z"}
            """
        let nulls = shortest.dropLast() + #","lines":null,"allOrNothing":null,"dryRun":null,"#
        let expected = RefundRequest(
            requestID: "r-1", orderID: "o-1", accountID: "a-1",
            requestedAt: Instant(seconds: 1_795_417_200))
        #expect(try RefundRequest.decode(bytes(shortest)) == expected)
        #expect(try RefundRequest.decode(bytes(nulls + #""reason":null}"#)) == expected)
    }

    @Test func whatIsUnknownIsIgnoredWhateverIsInIt() throws {
        let body = Samples.request.dropLast() + #","more":[{"a":"\u0000"},-1.5e+9,null],"":{}}"#
        #expect(
            try RefundRequest.decode(bytes(String(body)))
                == RefundRequest.decode(bytes(Samples.request)))
    }

    @Test func theLongestTextsAreAccepted() throws {
        var request = try RefundRequest.decode(bytes(Samples.request))
        request.requestID = String(repeating: "r", count: 64)
        request.reason = String(repeating: "𠮷", count: 500)
        #expect(try RefundRequest.decode(request.encode()) == request)
        request.reason = ""
        #expect(try RefundRequest.decode(request.encode()) == request)
    }

    @Test func contentIsComparedExactlyButLinesAsASet() throws {
        var first = try RefundRequest.decode(bytes(Samples.request))
        var second = first
        second.lines = ["2", "1"]
        #expect(first.asksTheSame(as: second))
        (first.reason, second.reason) = ("caf\u{E9}", "cafe\u{301}")
        #expect(!first.asksTheSame(as: second))
        (first.reason, second.reason) = (nil, "")
        #expect(!first.asksTheSame(as: second))
        (first.reason, first.lines) = ("", nil)
        #expect(!first.asksTheSame(as: second))
    }
}

@Suite struct DecisionFaultTests {
    @Test(arguments: [
        Fault(Samples.decision, #""requestId":"r-1","#, "", at: "/requestId"),
        Fault(Samples.decision, #""lineId":"1""#, #""lineId":1"#, at: "/lineId"),
        Fault(Samples.decision, "approve", "Approve", at: "/decision"),
        Fault(Samples.decision, #""decision":"approve","#, "", at: "/decision"),
        Fault(Samples.decision, "approve", "deny", at: "/amount"),
        Fault(Samples.decision, #""lineId":"1","#, "", at: "/amount"),
        Fault(Samples.decision, "128", "0", at: "/amount"),
        Fault(Samples.decision, "128", "128.0", at: "/amount"),
        Fault(Samples.decision, "128", "-128", at: "/amount"),
        Fault(Samples.decision, "128", "1e2", at: "/amount"),
        Fault(Samples.decision, "128", "9007199254740992", at: "/amount"),
        Fault(Samples.decision, "128", "99999999999999999999999999999", at: "/amount"),
        Fault(Samples.decision, "128", #""128""#, at: "/amount"),
        Fault(Samples.decision, #""operator":"kim","#, "", at: "/operator"),
        Fault(Samples.decision, "kim", "", at: "/operator"),
        Fault(Samples.decision, "kim", String(repeating: "k", count: 129), at: "/operator"),
        Fault(
            Samples.decision, "metering checked", String(repeating: "m", count: 501), at: "/note"),
    ])
    func aFaultIsNamedWithItsPlace(_ fault: Fault) { fault.check(ReviewDecision.decode) }

    @Test func aDecisionOnAllLinesNamesNeitherLineNorAmount() throws {
        let body = #"{"requestId":"r-1","decision":"deny","operator":"kim","amount":null}"#
        #expect(
            try ReviewDecision.decode(bytes(body))
                == ReviewDecision(requestID: "r-1", decision: .deny, operator: "kim"))
    }

    @Test func theGreatestAmountIsAccepted() throws {
        var decision = try ReviewDecision.decode(bytes(Samples.decision))
        decision.amount = 9_007_199_254_740_991
        #expect(try ReviewDecision.decode(decision.encode()) == decision)
    }
}
