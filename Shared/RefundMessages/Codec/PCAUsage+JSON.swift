extension PCAUsage: JSONReadable {
    package init(json: JSONValue) throws(MessageFault) {
        self.init(authorities: try json["authorities"].list())
        try checkUnique(
            authorities.lazy.map(\.authorityID), list: "/authorities", name: "authorityId")
    }
}

extension AuthorityFacts: JSONReadable, JSONWritable {
    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            authorityID: try json["authorityId"].identifier(),
            kind: try json["kind"].choice(),
            region: try json["region"].text(),
            status: try json["status"].choice(),
            resetAt: try json["resetAt"].ifPresent?.instant())
        if status == .reset, resetAt == nil { throw try json["resetAt"].missing() }
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("authorityId", authorityID)
            json.field("kind", kind)
            json.field("region", region)
            json.field("status", status)
            json.field("resetAt", resetAt)
        }
    }
}
