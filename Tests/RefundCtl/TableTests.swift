import Testing

@testable import RefundCtl

struct TableTests {
    @Test func columnsAreAsWideAsTheirWidestCell() {
        var table = Table("NAME", ">AMOUNT", "NOTE")
        table.add("証明書", "5", "")
        table.add("pca", "12.00 USD", "x")
        #expect(
            table.lines(colour: false) == [
                "NAME       AMOUNT  NOTE", "証明書          5", "pca     12.00 USD  x",
            ])
    }

    @Test func aCellOfSeveralLinesTakesSeveralLines() {
        var table = Table("A", "B")
        table.add("1", Table.Cell(lines: ["x", "y"]))
        #expect(table.lines(colour: false) == ["A  B", "1  x", "   y"])
    }

    @Test func colourSurroundsTheTextAndIsLeftOutWhereItIsNotWanted() {
        var table = Table("A")
        table.add(Table.Cell("no", .bad))
        #expect(table.lines(colour: true).last == "\u{1B}[31mno\u{1B}[0m")
        #expect(table.lines(colour: false).last == "no")
    }

    @Test(arguments: [
        ("plain", "plain"), ("\u{1B}[2J", "\\u{1b}[2J"), ("a\nb", "a\\u{a}b"),
        ("\u{202E}txt", "\\u{202e}txt"), ("\u{9B}1m", "\\u{9b}1m"), ("申請", "申請"),
        ("\u{10FE00}\u{10FE9B}\u{10FDFF}", "\\x00\\x9b\\u{10fdff}"), ("\t", "\\u{9}"),
    ])
    func whatATerminalWouldObeyIsShownEscaped(text: String, expected: String) {
        #expect(text.printable == expected)
    }

    @Test(arguments: [("", 0), ("abc", 3), ("証明書", 6), ("ｶﾅ", 2), ("e\u{301}", 1), ("Ａ", 2)])
    func widthCountsTerminalColumns(text: String, expected: Int) {
        #expect(text.columns == expected)
    }

    @Test(arguments: [
        (Int64(128), "USD", "1.28 USD"), (5, "USD", "0.05 USD"), (0, "USD", "0.00 USD"),
        (1980, "JPY", "1980 JPY"), (12500, "KWD", "12.500 KWD"), (-128, "USD", "-1.28 USD"),
        (7, "???", "7 ???"),
    ])
    func moneyStandsInTheCurrencysOwnDecimals(amount: Int64, currency: String, expected: String) {
        #expect(moneyText(amount, currency) == expected)
    }
}
