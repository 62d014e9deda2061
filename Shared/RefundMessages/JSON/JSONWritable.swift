/// A value that writes itself as one JSON value.
package protocol JSONWritable {
    func write(to json: inout JSONWriter)
}

extension JSONWritable {
    /// The value as a whole JSON text.
    package func jsonBytes(capacity: Int = 512) -> [UInt8] {
        var json = JSONWriter(capacity: capacity)
        write(to: &json)
        return json.bytes
    }
}

extension String: JSONWritable {
    package func write(to json: inout JSONWriter) { json.string(self) }
}

extension Int64: JSONWritable {
    package func write(to json: inout JSONWriter) { json.number(self) }
}

extension Int: JSONWritable {
    package func write(to json: inout JSONWriter) { json.number(Int64(self)) }
}

extension Bool: JSONWritable {
    package func write(to json: inout JSONWriter) { json.raw(self ? "true" : "false") }
}

extension Instant: JSONWritable {
    package func write(to json: inout JSONWriter) { json.instant(self) }
}

extension Array: JSONWritable where Element: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.array { json in
            for element in self { element.write(to: &json) }
        }
    }
}

extension JSONWritable where Self: RawRepresentable<String> {
    package func write(to json: inout JSONWriter) { json.string(rawValue) }
}

extension Product: JSONWritable {}
extension LineItem: JSONWritable {}
extension Verdict: JSONWritable {}
extension LineCode: JSONWritable {}
extension OutcomeCode: JSONWritable {}
extension Rule: JSONWritable {}
extension StepAction: JSONWritable {}
extension PaymentProviderName: JSONWritable {}
extension DeploymentQuotaKind: JSONWritable {}
extension CertificateFacts.Status: JSONWritable {}
extension CertificateFacts.Origin: JSONWritable {}
extension AuthorityFacts.Kind: JSONWritable {}
extension AuthorityFacts.Status: JSONWritable {}
extension ReviewDecision.Decision: JSONWritable {}
extension RefundOutcome.Status: JSONWritable {}
extension RefundOutcome.Leg.Route: JSONWritable {}
extension RefundOutcome.Leg.Status: JSONWritable {}
extension SettlementExceptionReason: JSONWritable {}
extension ExceptionAction: JSONWritable {}
extension ExceptionActionEffect: JSONWritable {}
