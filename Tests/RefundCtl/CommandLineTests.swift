import ArgumentParser
import Testing

@testable import RefundCtl

struct CommandLineTests {
    @Test(arguments: [
        ["nonsense"], ["request", "o-1"], ["request", "o 1", "--account", "a"],
        ["request", "o", "--account", "a", "--wait", "0"],
        ["request", "o", "--account", "a", "--line", "1", "--line", "1"],
        ["reviews", "approve", "r"], ["reviews", "approve", "r", "--operator", ""],
        ["reviews", "approve", "r", "--operator", "kim", "--amount", "5"],
        ["reviews", "approve", "r", "--operator", "kim", "--line", "1", "--amount", "0"],
        ["reviews", "deny", "r", "--operator", "kim", "--amount", "5"],
        ["status"], ["status", "r", "--lang", "fr"], ["publish"],
    ])
    func wrongUsageHasStatusTwo(arguments: [String]) async {
        #expect(await RefundCtl.run(arguments) == ExitStatus.wrongUsage)
    }

    @Test(arguments: [["--help"], ["--version"], ["reviews", "--help"], ["help", "publish"]])
    func helpHasStatusZero(arguments: [String]) async {
        #expect(await RefundCtl.run(arguments) == ExitStatus.done)
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            ["status", "r", "--api-url", "http://127.0.0.1:1"],
            ["status", "r", "--api-url", "nonsense"],
            ["status", "r", "--api-token-file", "/nowhere"],
            ["publish", "/nowhere", "--amqp-url", "nonsense"],
            ["queues", "--definitions", "/nowhere"],
        ])
    func whatFailsHasStatusOne(arguments: [String]) async {
        #expect(await RefundCtl.run(arguments) == ExitStatus.failed)
    }

    @Test func optionsReachTheRequest() throws {
        let command = try #require(
            try RefundCtl.parseAsRoot([
                "request", "o-1", "--account", "a-1", "--line", "1", "--line", "2",
                "--all-or-nothing", "--reason", "twice", "--id", "r-1", "--wait", "5", "--json",
            ]) as? RequestCommand)
        #expect(command.order == "o-1")
        #expect(command.lines == ["1", "2"])
        #expect(command.allOrNothing)
        #expect(command.id == "r-1")
        #expect(command.wait == 5)
        #expect(command.options.json)
    }
}
