import RefundMessages

/// An amount for people: in the currency's own decimals, as "1.28 USD", "1980 JPY", "12.500 KWD".
func moneyText(_ minorUnits: Int64, _ currency: String) -> String {
    guard let exponent = Currency.exponent(of: currency), exponent > 0 else {
        return "\(minorUnits) \(currency)"
    }
    let sign = minorUnits < 0 ? "-" : ""
    let digits = String(minorUnits.magnitude)
    let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.count)) + digits
    return "\(sign)\(padded.dropLast(exponent)).\(padded.suffix(exponent)) \(currency)"
}
