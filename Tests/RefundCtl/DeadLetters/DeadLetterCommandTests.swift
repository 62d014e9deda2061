import AMQP
import DeadLettersSupport
import Foundation
import RefundMessages
import TestSupport
import Testing

@testable import RefundCtl

/// The commands against the real services and a real broker.
@Suite(.timeLimit(.minutes(10))) struct DeadLetterCommandTests {
    @Test func `a malformed request is seen, understood, edited, replayed and processed`()
        async throws
    {
        try await DeadLetterRig.with { rig in
            try await rig.publish(
                #"{"requestId":"r-1","orderId":"o-1","accountId":"a-1","requestedAt":"yesterday"}"#,
                id: "m-1")
            #expect(try await eventually { try await rig.system.total() == 1 })
            try await isSeen(rig)
            try await failsAgain(rig)
            try await isEdited(rig)
            try await isEditedAgain(rig)
            try await isAudited(rig)
            try await isFound(rig)
        }
    }

    private func isSeen(_ rig: DeadLetterRig) async throws {
        let list = try await rig.run("list", "--request", "r-1")
        #expect(list.status == 0)
        let row = try #require(list.lines(with: "invalid_message").first)
        #expect(row.hasPrefix("1   open   invalid_message  /requestedAt  refund.requests  r-1"))
        #expect(try await rig.run("list", "--state", "resolved").text.contains("No dead letter"))

        let objects = try #require(
            try await rig.run("list", "--json").json as? [[String: Any]])
        let contract = [
            "id", "state", "reason", "detail", "path", "queue", "exchange", "routingKey",
            "attempts", "firstFailedAt", "lastFailedAt", "requestId", "orderId", "properties",
            "headers", "body", "bodyBase64",
        ]
        let names = Set(try #require(objects.first).keys)
        #expect(names.isSuperset(of: contract))

        let groups = try await rig.run("groups")
        #expect(groups.lines(with: "invalid_message").count == 1)

        let shown = try await rig.run("show", "1")
        #expect(shown.status == 0)
        #expect(shown.text.contains("invalid_message at /requestedAt"))
        // The underline stands below the value.
        let mark = try #require(shown.lines(with: "^^^").first).prefix { $0 != "^" }
        let line = try #require(shown.lines(with: #""requestedAt": "yesterday""#).first)
        #expect(line.dropFirst(mark.count).hasPrefix("\"yesterday\""))
        #expect(shown.text.contains("would be refused again (invalid_message at /requestedAt)"))
        #expect(shown.text.contains("Request r-1 is not known"))
        #expect(shown.text.contains("arrived"))
        let missing = try await rig.run("show", "99")
        #expect(missing.status == 1 && missing.text == "refundctl: there is no dead letter 99\n")
    }

    private func failsAgain(_ rig: DeadLetterRig) async throws {
        let dry = try await rig.run("replay", "1", "--dry-run")
        #expect(dry.status == 0 && dry.text.contains("would be refused again"))
        #expect(try await rig.system.total("open") == 1)
        let again = try await rig.run("replay", "1", "--wait", "200")
        #expect(again.status == 1)
        #expect(again.text.contains("1 message sent: 1 failed again"))
        #expect(again.text.contains("1 is now 2: invalid_message at /requestedAt"))
    }

    private func isEdited(_ rig: DeadLetterRig) async throws {
        let broken = try await rig.run("edit", "2", editor: "false")
        #expect(broken.status == 1 && broken.text.contains("your text is kept in"))
        #expect(try rig.drafts().count == 1)
        for draft in try rig.drafts() { try FileManager.default.removeItem(atPath: draft) }

        let same = try await rig.run("edit", "2", editor: "true")
        #expect(same.status == 1 && same.text.contains("nothing was changed"))
        #expect(try rig.drafts().isEmpty)

        // Still refused by today's code: told with its place, and the draft is kept.
        let wrong = try await rig.run("edit", "2", "--yes", editor: "sed -i s/yesterday/tomorrow/")
        #expect(wrong.status == 1 && wrong.text.contains("^^^^^^^^^^ invalid_message"))
        #expect(try rig.drafts().count == 1)

        let now = Instant.now().rfc3339
        let editor = "sed -i s/yesterday/\(now)/"
        let unasked = try await rig.run("edit", "2", editor: editor)
        #expect(unasked.status == 1 && unasked.text.contains("say --yes"))
        let refused = try await rig.runAtTerminal("edit 2", input: "n\\n", editor: editor)
        #expect(refused.status == 0 && refused.text.contains("Nothing was done"))
        #expect(refused.text.contains("\u{1B}[31m-   \"requestedAt\": \"yesterday\""))
        #expect(refused.text.contains("\u{1B}[32m+   \"requestedAt\": \"\(now)\""))
        #expect(try await rig.system.total("open") == 1)

        let sent = try await rig.run("edit", "2", "--yes", "--wait", "200", editor: editor)
        #expect(sent.status == 0)
        #expect(sent.text.contains("1 message sent: 1 processed"))
        let shown = try await rig.run("show", "2")
        #expect(shown.text.contains("Dead letter 2 · resolved"))
        #expect(!shown.text.contains("would be refused again"))
        // The story of the request: its order is not known, and the orchestrator said so.
        #expect(shown.lines(with: "Request r-1 · order o-1").count == 1)
        let over = try await rig.run("edit", "2", editor: editor)
        #expect(over.status == 1 && over.text.contains("is resolved, not open"))
    }

    /// A fault opens the editor again on what was typed; giving up then keeps it.
    private func isEditedAgain(_ rig: DeadLetterRig) async throws {
        try await rig.publish(
            #"{"requestId":"r-2","orderId":"o-2","accountId":"a-1","requestedAt":"yesterday"}"#,
            id: "m-2")
        #expect(try await eventually { try await rig.system.total() == 3 })
        let directory = rig.system.broker.directory
        let (script, opened) = (directory + "/editor", directory + "/opened")
        let now = Instant.now().rfc3339
        try """
        cat "$1" >> '\(opened)'
        sed -i -e 's/tomorrow/\(now)/' -e 's/yesterday/tomorrow/' -e 's/a-1/a-9/' "$1"
        """.write(toFile: script, atomically: true, encoding: .utf8)
        let drafts = try rig.drafts()

        let given = try await rig.runAtTerminal(
            "edit 3", input: "n\\n", editor: "sh '\(script)'")
        #expect(given.status == 1 && given.text.contains("your text is kept in"))
        let kept = try #require(try rig.drafts().first { !drafts.contains($0) })
        let text = try String(contentsOfFile: kept + "/dead-letter-3.json", encoding: .utf8)
        #expect(text.contains("tomorrow") && text.contains("a-9"))
        try FileManager.default.removeItem(atPath: opened)

        let sent = try await rig.runAtTerminal(
            "edit 3 --wait 200", input: "\\ny\\n", editor: "sh '\(script)'")
        #expect(sent.text.contains("^^^^^^^^^^ invalid_message"))
        #expect(sent.lines(with: "Edit again? [Y/n]").count == 1)
        #expect(sent.text.contains("\u{1B}[32m+   \"requestedAt\": \"\(now)\""))
        #expect(sent.status == 0, "\(sent.text)")
        #expect(sent.text.contains("1 message sent: \u{1B}[32m1 processed"))
        // The second time it opened on what was left the first time.
        let openings = try String(contentsOfFile: opened, encoding: .utf8)
        #expect(openings.components(separatedBy: "a-9").count == 2)
        #expect(openings.components(separatedBy: "tomorrow").count == 2)
        #expect(try rig.drafts().count == drafts.count + 1)
    }

    private func isAudited(_ rig: DeadLetterRig) async throws {
        let audit = try await rig.run("audit")
        #expect(audit.lines(with: "prepare").count >= 4)
        let lines = try await rig.run("audit", "--export", "-").text.split(separator: "\n")
        #expect(lines.count == audit.text.split(separator: "\n").count - 1)
        for line in lines {
            let entry = try JSONSerialization.jsonObject(with: Data(line.utf8))
            #expect((entry as? [String: Any])?["by"] is String)
        }
    }

    /// By every condition, alone; and sent to another queue than the one it came from.
    private func isFound(_ rig: DeadLetterRig) async throws {
        let body = #"{"requestId":"r-7","orderId":"o-7","decision":"deny","operator":"needle"}"#
        var message = DeadLetterSamples.fromService(
            body, id: "m-7", reason: "unknown_line", queue: "test.elsewhere")
        message.properties.type = "review.decision.v1"
        let id = try await rig.system.total() + 1
        try await rig.system.publish([message])
        #expect(try await eventually { try await rig.system.total() == id })
        let found = { (arguments: [String]) async throws -> [[String: Any]] in
            let answer = try await rig.run(["list", "--json"] + arguments)
            return try #require(answer.json as? [[String: Any]], "\(answer.text)")
        }
        let own = try await found(["--text", "needle"])
        let group = try #require(own.first?["fingerprint"] as? String)
        for condition in [
            ["--text", "needle"], ["--queue", "test.elsewhere"], ["--reason", "unknown_line"],
            ["--type", "review.decision.v1"], ["--request", "r-7"], ["--order", "o-7"],
            ["--group", group], ["--state", "open"], ["--newer-than", "1h", "--limit", "1"],
        ] {
            let ids = try await found(condition).map { $0["id"] as? String }
            #expect(ids == ["\(id)"], "\(condition)")
        }
        #expect(try await found(["--older-than", "1h"]).isEmpty)
        #expect(try await found(["--oldest", "--limit", "1"]).first?["id"] as? String == "1")

        let sent = try await rig.run(
            "replay", "--group", group, "--to", "refund.reviews", "--wait", "200")
        #expect(sent.status == 1)
        #expect(sent.text.contains("\(id) is now \(id + 1): not_in_review"), "\(sent.text)")
    }

    @Test func `what concerns many is asked about, and hostile messages are shown safely`()
        async throws
    {
        try await DeadLetterRig.with { rig in
            try await isAsked(rig)
            try await isShownSafely(rig)
        }
    }

    private func isAsked(_ rig: DeadLetterRig) async throws {
        try await rig.system.publish(
            (0..<30).map {
                DeadLetterSamples.fromService(
                    DeadLetterSamples.request("r-\($0)"), id: "m-\($0)", reason: "overflow")
            })
        #expect(try await eventually { try await rig.system.total() == 30 })
        for arguments in [
            ["replay", "--reason", "overflow"], ["discard", "--all", "--note", "of no use"],
        ] {
            let unasked = try await rig.run(arguments)
            #expect(unasked.status == 1 && unasked.text.contains("say --yes"))
        }
        let refused = try await rig.runAtTerminal("discard --all --note test", input: "n\\n")
        #expect(refused.text.contains("Discard 30 dead letters? [y/N]"))
        #expect(refused.status == 0 && refused.text.contains("Nothing was done"))
        #expect(try await rig.system.total("open") == 30)

        let discarded = try await rig.runAtTerminal("discard 1 2 3 --note test", input: "y\\n")
        #expect(discarded.status == 0 && discarded.text.contains("3 dead letters discarded"))
        let twice = try await rig.run("discard", "1", "--note", "again")
        #expect(twice.status == 1 && twice.text.contains("It is discarded"))
        let restored = try await rig.run("restore", "--state", "discarded", "--note", "t", "--yes")
        #expect(restored.status == 0 && restored.text.contains("3 dead letters restored"))

        let replayed = try await rig.runAtTerminal(
            "replay --reason overflow --rate 1000 --wait 200", input: "y\\n")
        #expect(replayed.status == 0)
        #expect(replayed.text.contains("Replay 30 dead letters, 1000 a second at most? [y/N]"))
        #expect(replayed.text.contains("30 messages sent: \u{1B}[32m30 processed"))
        #expect(try await rig.system.total("resolved") == 30)
        let nothing = try await rig.run("replay", "--reason", "overflow", "--yes")
        #expect(nothing.status == 1)
    }

    private static let hostile = [
        "\u{1B}]0;owned\u{7}", "\u{9B}2J\u{90}q", "\u{202E}\u{2066}evil", "\r\u{8}\u{7F}\u{0}",
        "\u{85}\u{2028}\u{E0041}\u{FEFF}",
    ]

    private func isShownSafely(_ rig: DeadLetterRig) async throws {
        let before = try await rig.system.total()
        let messages = Self.hostile.enumerated().flatMap { number, text in
            [text, "{\"requestId\":\"\(text)\"}", "{\"a\":[1,\"\(text)"].enumerated().map {
                var message = DeadLetterSamples.fromService(
                    $0.element, id: "h-\(number)-\($0.offset)", path: "/\(text)")
                message.properties.type = text
                message.properties.headers?["x-\(text)"] = .string(Array(text.utf8))
                message.properties.headers?["x-bytes"] = .string([0x1B, 0xFF, 0x9B])
                return message
            }
        }
        try await rig.system.publish(messages)
        #expect(
            try await eventually { try await rig.system.total() == before + messages.count })
        let file = rig.system.broker.directory + "/export.ndjson"
        let exported = try await rig.run("export", "--state", "open", "-o", file)
        #expect(exported.status == 0)
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        let bodies = try lines.map { line in
            let json = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return Data(base64Encoded: json?["bodyBase64"] as? String ?? "").map { [UInt8]($0) }
        }
        #expect(bodies == messages.map(\.body))

        let shows = (before + 1...before + messages.count).map { "show \($0)" }
        for command in ["list --all", "groups", "list --state open --json", "audit"] + shows {
            let answer = try await rig.runAtTerminal(command)
            #expect(answer.status == 0, "\(command): \(answer.text)")
            #expect(unsafe(in: answer.text).isEmpty, "\(command)")
            if command.hasPrefix("show") {
                #expect(answer.text.contains(#"\u{1b}\xff\x9b"#), "\(answer.text)")
            }
        }
    }

    /// What a terminal would obey, beside our own colours and line breaks.
    private func unsafe(in text: String) -> [Unicode.Scalar] {
        let ours = /\r\u{1B}\[K|\u{1B}\[[0-9]*m|\r\n|\n/.matchingSemantics(.unicodeScalar)
        return text.replacing(ours, with: "").unicodeScalars.filter(\.isUnsafeToPrint)
    }
}
