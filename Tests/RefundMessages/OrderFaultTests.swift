import RefundMessages
import Testing

@Suite struct OrderFaultTests {
    @Test(arguments: [
        Fault(Samples.order, #""orderId":"o-1","#, "", at: "/orderId"),
        Fault(Samples.order, #""version":1"#, #""version":0"#, at: "/version"),
        Fault(Samples.order, #""version":1"#, #""version":1.0"#, at: "/version"),
        Fault(Samples.order, #""version":1"#, #""version":null"#, at: "/version"),
        Fault(Samples.order, #""a-1""#, "false", at: "/accountId"),
        Fault(Samples.order, "11-19", "11-31", at: "/paidAt"),
        Fault(Samples.order, "USD", "usd", at: "/currency"),
        Fault(Samples.order, "USD", "XAU", at: "/currency"),
        Fault(Samples.order, #""currency":"USD","#, "", at: "/currency"),
        Fault(Samples.order, #""promotion":null"#, #""promotion":"""#, at: "/promotion"),
        Fault(Samples.order, #""payments":["#, #""payment":["#, at: "/payments"),
        Fault(Samples.order, #""p-1""#, "null", at: "/payments/0/paymentId"),
        Fault(Samples.order, "sandbox", "paypal", at: "/payments/0/provider"),
        Fault(Samples.order, "card_ok_1", "", at: "/payments/0/reference"),
        Fault(
            Samples.order, "card_ok_1", String(repeating: "c", count: 257),
            at: "/payments/0/reference"),
        Fault(Samples.order, #""method":"card","#, "", at: "/payments/0/method"),
        Fault(Samples.order, #""cash":160}]"#, #""cash":-1}]"#, at: "/payments/0/cash"),
        Fault(Samples.order, #""cash":160}]"#, #""cash":true}]"#, at: "/payments/0/cash"),
        Fault(Samples.order, #""payments":[{"#, #""payments":[7,{"#, at: "/payments/0"),
        Fault(Samples.order, #""lineId":"1""#, #""line":"1""#, at: "/lines/0/lineId"),
        Fault(Samples.order, "gateway", "gate", at: "/lines/0/product"),
        Fault(Samples.order, #""fee":160"#, #""fee":1e2"#, at: "/lines/0/fee"),
        Fault(Samples.order, #""fee":160,"#, "", at: "/lines/0/fee"),
        Fault(Samples.order, #","cash":160},"#, "},", at: "/lines/0/cash"),
        Fault(Samples.order, #""fee":160"#, #""fee":159"#, at: "/lines/0/cash"),
        Fault(Samples.order, "managed_service", "service", at: "/lines/2/item"),
    ])
    func aFaultOfAFieldIsNamedWithItsPlace(_ fault: Fault) { fault.check(OrderPaid.decode) }

    @Test(arguments: [
        // Items and parents.
        Fault(
            Samples.order, #""gateway""#, #""gateway","item":"certificate""#, at: "/lines/0/item"),
        Fault(Samples.order, #""gateway""#, #""gateway","parent":"2""#, at: "/lines/0/parent"),
        Fault(
            Samples.order, #""certificates","fee""#, #""certificates","parent":"1","fee""#,
            at: "/lines/1/parent"),
        Fault(Samples.order, #""parent":"2","#, "", at: "/lines/2/parent"),
        Fault(Samples.order, #""parent":"2""#, #""parent":"9""#, at: "/lines/2/parent"),
        Fault(Samples.order, #""parent":"2""#, #""parent":"1""#, at: "/lines/2/parent"),
        Fault(Samples.order, #""parent":"2""#, #""parent":"3""#, at: "/lines/2/parent"),
        Fault(
            Samples.order, #"{"lineId":"3""#,
            """
            {"lineId":"4","product":"certificates","item":"managed_service","parent":"2","fee":0,\
            "cash":0},{"lineId":"3"
            """, at: "/lines/3/parent"),
        // Ids that stand twice.
        Fault(Samples.order, #""lineId":"3""#, #""lineId":"1""#, at: "/lines/2/lineId"),
        Fault(
            Samples.order, #""payments":[{"#,
            """
            "payments":[{"paymentId":"p-1","provider":"balance","reference":"r","method":"m",\
            "cash":0},{
            """, at: "/payments/1/paymentId"),
        // Sums.
        Fault(Samples.order, #""cash":160}]"#, #""cash":161}]"#, at: "/lines"),
        Fault(Samples.order, #""cash":160}]"#, #""cash":0}]"#, at: "/lines"),
        Fault(
            Samples.order, #""fee":0,"cash":0},{"lineId":"3""#,
            #""fee":9007199254740991,"cash":0},{"lineId":"3""#, at: "/lines"),
        Fault(
            Samples.order, #""payments":[{"#,
            """
            "payments":[{"paymentId":"p-2","provider":"balance","reference":"r","method":"m",\
            "cash":9007199254740991},{
            """, at: "/payments"),
    ])
    func aFaultAcrossFieldsIsNamedWithItsPlace(_ fault: Fault) { fault.check(OrderPaid.decode) }

    @Test func anOrderHasOneToAHundredLines() throws {
        var order = OrderPaid(
            orderID: "o-1", version: 1, accountID: "a-1", paidAt: Instant(seconds: 0),
            currency: "JPY", payments: [], lines: [])
        Fault(body: text(order.encode()), .invalidMessage, at: "/lines").check(OrderPaid.decode)
        order.lines = (1...100).map {
            OrderLine(lineID: "\($0)", product: .pca, fee: 1, cash: 0)
        }
        #expect(try OrderPaid.decode(order.encode()) == order)
        order.lines.append(OrderLine(lineID: "101", product: .pca, fee: 1, cash: 0))
        Fault(body: text(order.encode()), .invalidMessage, at: "/lines").check(OrderPaid.decode)
    }

    @Test func sumsReachTheGreatestIntegerAndNoFurther() throws {
        let greatest: Int64 = 9_007_199_254_740_991
        let order = OrderPaid(
            orderID: "o-1", version: greatest, accountID: "a-1", paidAt: Instant(seconds: 0),
            currency: "USD", promotion: "promo-half",
            payments: [
                OrderPayment(
                    paymentID: "p-1", provider: .stripe, reference: "ch_1", method: "カード",
                    cash: greatest)
            ],
            lines: [
                OrderLine(lineID: "1", product: .gateway, fee: greatest - 1, cash: greatest - 1),
                OrderLine(lineID: "2", product: .monitoring, fee: 1, cash: 1),
            ])
        #expect(try OrderPaid.decode(order.encode()) == order)
    }
}
