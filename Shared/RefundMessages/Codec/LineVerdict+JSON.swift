extension LineVerdict: JSONReadable, JSONWritable {
    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            lineID: try json["lineId"].identifier(),
            verdict: try json["verdict"].choice(),
            code: try json["code"].choice(),
            rules: try json["rules"].list { (rule) throws(MessageFault) in try rule.choice() },
            amount: try json["amount"].ifPresent?.integer(),
            steps: try json["steps"].list())
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("lineId", lineID)
            writeFields(to: &json, maxSteps: steps.count, withText: false)
        }
    }

    /// The fields that a line has in a result and in an outcome alike, from `verdict` to `steps`.
    func writeFields(to json: inout JSONWriter, maxSteps: Int, withText: Bool) {
        json.field("verdict", verdict)
        json.field("code", code)
        json.field("rules", rules)
        json.field("amount", amount)
        json.name("steps")
        json.array { json in
            for step in steps.prefix(maxSteps) { step.write(to: &json, withText: withText) }
        }
    }
}

extension Step: JSONReadable, JSONWritable {
    /// `irreversible`, `mayMissDeadline` and `text` follow from the rest and are not read.
    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            try json["action"].choice(),
            target: try json["target"].ifPresent?.identifier(),
            expectedBy: try json["expectedBy"].ifPresent?.instant(),
            deadline: try json["deadline"].ifPresent?.instant())
    }

    package func write(to json: inout JSONWriter) { write(to: &json, withText: false) }

    func write(to json: inout JSONWriter, withText: Bool) {
        json.object { json in
            json.field("action", action)
            json.field("target", target)
            json.field("irreversible", action.isIrreversible)
            json.fieldIfPresent("expectedBy", expectedBy)
            json.fieldIfPresent("deadline", deadline)
            json.fieldIfPresent("mayMissDeadline", mayMissDeadline)
            if withText { json.field("text", Wording.text(for: action)) }
        }
    }
}

extension LocalizedText: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("en", en)
            json.field("ja", ja)
        }
    }
}
