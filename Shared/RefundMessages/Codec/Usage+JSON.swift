extension Usage: JSONWritable {
    /// The AMQP property `type` of a product's usage document.
    public static func messageType(for product: Product) -> String {
        "usage.\(product.rawValue).v1"
    }

    /// Reads a product's usage document. Faults come in the order of the contract's fields, then
    /// those across the fields of a list.
    public static func decode(_ body: [UInt8], product: Product) throws(MessageFault) -> Usage {
        try Usage(json: JSONDocument(body).root, product: product)
    }

    /// The message body.
    public func encode() -> [UInt8] { jsonBytes() }

    /// Reads the document of a product from JSON that stands elsewhere, as in stored state.
    package init(json: JSONValue, product: Product) throws(MessageFault) {
        self.init(
            orderID: try json["orderId"].identifier(),
            lineID: try json["lineId"].identifier(),
            version: try json["version"].integer(1...maxInteger),
            facts: try UsageFacts(json: json, product: product))
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("orderId", orderID)
            json.field("lineId", lineID)
            json.field("version", version)
            facts.writeFields(to: &json)
        }
    }
}

extension UsageFacts: JSONWritable {
    /// Reads the product's own fields of a usage document.
    package init(json: JSONValue, product: Product) throws(MessageFault) {
        switch product {
        case .certificates: self = .certificates(try CertificatesUsage(json: json))
        case .pca: self = .pca(try PCAUsage(json: json))
        case .gateway: self = .gateway(try GatewayUsage(json: json))
        case .notifications:
            self = .notifications(everConfigured: try json["everConfigured"].bool())
        case .monitoring: self = .monitoring(everConfigured: try json["everConfigured"].bool())
        case .repository:
            self = .repository(apiCallsConsumed: try json["apiCallsConsumed"].integer())
        case .deployment:
            self = .deployment(
                quotaKind: try json["quotaKind"].choice(),
                tasksCreated: try json["tasksCreated"].integer())
        }
    }

    /// Writes the facts alone, as one object: the product's own fields.
    package func write(to json: inout JSONWriter) {
        json.object { json in writeFields(to: &json) }
    }

    fileprivate func writeFields(to json: inout JSONWriter) {
        switch self {
        case .certificates(let usage):
            json.field("termYears", usage.termYears)
            json.field("certificates", usage.certificates)
        case .pca(let usage): json.field("authorities", usage.authorities)
        case .gateway(let usage):
            json.field("domainsAdded", usage.domainsAdded)
            json.field("quotaIncluded", usage.quotaIncluded)
            json.field("quotaConsumed", usage.quotaConsumed)
            json.field("resetAt", usage.resetAt)
        case .notifications(let everConfigured), .monitoring(let everConfigured):
            json.field("everConfigured", everConfigured)
        case .repository(let apiCallsConsumed): json.field("apiCallsConsumed", apiCallsConsumed)
        case .deployment(let quotaKind, let tasksCreated):
            json.field("quotaKind", quotaKind)
            json.field("tasksCreated", tasksCreated)
        }
    }
}

extension GatewayUsage: JSONReadable {
    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            domainsAdded: try json["domainsAdded"].integer(),
            quotaIncluded: try json["quotaIncluded"].integer(1...maxInteger),
            quotaConsumed: try json["quotaConsumed"].integer(),
            resetAt: try json["resetAt"].ifPresent?.instant())
    }
}
