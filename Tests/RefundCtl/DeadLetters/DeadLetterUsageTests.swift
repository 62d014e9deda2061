import Foundation
import Testing

@testable import RefundCtl

@Suite("What operators type about dead letters") struct DeadLetterUsageTests {
    @Test(arguments: [
        ["show"], ["show", "x"], ["show", "0"], ["show", "1/2"], ["show", "1234567890123456789"],
        ["list", "--state", "lost"], ["list", "--limit", "0"], ["list", "--limit", "5", "--all"],
        ["list", "--older-than", "5"], ["list", "--request", "a b"], ["list", "--group", "xyz"],
        ["list", "--reason", "Bad!"], ["list", "--text", ""], ["groups", "--sort", "name"],
        ["replay"], ["replay", "1", "--all"], ["replay", "1", "--reason", "overflow"],
        ["replay", "one"], ["replay", "1", "--rate", "0"], ["replay", "1", "--rate", "10001"],
        ["replay", "1", "--wait", "-1"], ["replay", "1", "--to", ""],
        ["replay", "1", "--idempotency-key", "a b"],
        ["discard", "1"], ["discard", "--note", "n"], ["discard", "1", "--note", ""],
        ["discard", "1", "--note", String(repeating: "n", count: 501)], ["restore", "1"],
        ["edit"], ["edit", "1", "2"], ["audit", "--job", "x"], ["audit", "--limit", "0"],
        ["list", "--operator", ""],
    ])
    func `wrong usage has status 2`(arguments: [String]) async {
        #expect(await RefundCtl.run(["dead-letters"] + arguments) == ExitStatus.wrongUsage)
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            ["list"], ["groups"], ["show", "1"], ["replay", "1", "--yes"], ["edit", "1"],
            ["discard", "1", "--note", "n"], ["restore", "--all", "--note", "n"], ["export"],
            ["audit"],
        ])
    func `a service that is away is a failure`(arguments: [String]) async {
        let all = ["dead-letters"] + arguments + ["--dead-letters-url", "http://127.0.0.1:1"]
        #expect(await RefundCtl.run(all) == ExitStatus.failed)
    }

    @Test func `a draft is its owner's alone and stays until it is removed`() throws {
        let draft = try Draft(Array("{}\n".utf8), name: "d.json")
        let mode = try FileManager.default.attributesOfItem(atPath: draft.path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let folder = URL(filePath: draft.path).deletingLastPathComponent().path
        let folderMode = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions]
        #expect(folderMode as? Int == 0o700)
        #expect(try draft.read() == Array("{}\n".utf8))
        draft.remove()
        #expect(!FileManager.default.fileExists(atPath: folder))
        #expect(throws: CommandFailure.self) { try draft.read() }
    }

    @Test func `an export writes no file that is there already`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).ndjson").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try LineSink(path).write(Array("{}".utf8))
        #expect(throws: CommandFailure.self) { try LineSink(path) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "{}\n")
    }
}
