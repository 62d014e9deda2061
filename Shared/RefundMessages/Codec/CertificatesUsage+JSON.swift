extension CertificatesUsage: JSONReadable {
    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            termYears: Int(try json["termYears"].integer(1...3)),
            certificates: try json["certificates"].list())
        try checkAcrossFields()
    }

    /// Where rules.md calls a document invalid, in this order: an id twice, then certificate by
    /// certificate its sequence (beyond the term; taken by an earlier one that is not deleted), its
    /// status (the first inactive), `everIssued`, `revocationCompletedAt`; last, a list that is not
    /// empty and has no first certificate.
    private func checkAcrossFields() throws(MessageFault) {
        let list = "/certificates"
        try checkUnique(
            certificates.lazy.map(\.certificateID), list: list, name: "certificateId")
        var taken: Set<Int> = []
        for (index, certificate) in certificates.enumerated() {
            let path = "\(list)/\(index)"
            guard certificate.sequence <= termYears else {
                throw JSONValue.fault(at: "\(path)/sequence", "must not exceed termYears")
            }
            if certificate.status != .deleted, !taken.insert(certificate.sequence).inserted {
                throw JSONValue.fault(
                    at: "\(path)/sequence", "is taken by another certificate that is not deleted")
            }
            try certificate.check(at: path)
        }
        guard certificates.isEmpty || certificates.contains(where: { $0.sequence == 1 }) else {
            throw JSONValue.fault(at: list, "must hold a certificate of sequence 1, or none at all")
        }
    }
}

extension CertificateFacts: JSONReadable, JSONWritable {
    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            certificateID: try json["certificateId"].identifier(),
            sequence: Int(try json["sequence"].integer(1...3)),
            status: try json["status"].choice(),
            everIssued: try json["everIssued"].bool(),
            obtainedBy: try json["obtainedBy"].choice(),
            revocationCompletedAt: try json["revocationCompletedAt"].ifPresent?.instant())
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("certificateId", certificateID)
            json.field("sequence", sequence)
            json.field("status", status)
            json.field("everIssued", everIssued)
            json.field("obtainedBy", obtainedBy)
            json.field("revocationCompletedAt", revocationCompletedAt)
        }
    }

    fileprivate func check(at path: String) throws(MessageFault) {
        if sequence == 1, status == .inactive {
            throw JSONValue.fault(at: "\(path)/status", "must not be inactive on the first")
        }
        if let mustBeIssued = status.impliesEverIssued, mustBeIssued != everIssued {
            throw JSONValue.fault(
                at: "\(path)/everIssued", "must be \(mustBeIssued) with status \(status.rawValue)")
        }
        if status == .revoked, revocationCompletedAt == nil {
            throw JSONValue.fault(
                at: "\(path)/revocationCompletedAt", "is missing, with status revoked")
        }
    }
}

extension CertificateFacts.Status {
    /// What the status says of `everIssued`; nil where both are possible.
    fileprivate var impliesEverIssued: Bool? {
        switch self {
        case .issued, .revocationUnderReview, .revoked: true
        case .pendingApplication, .underReview, .reviewFailed, .inactive: false
        case .deleted: nil
        }
    }
}
