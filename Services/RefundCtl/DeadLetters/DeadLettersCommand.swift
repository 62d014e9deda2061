import ArgumentParser

/// `dead-letters …`: what could not be processed, seen, understood and put right. Everything but
/// `count` asks the dead-letter service, which keeps them: looking into the queue would change it.
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "Look at what could not be processed, mend it, send it again.",
        discussion: """
            Looking never changes anything. What changes something is first shown as what would \
            happen, then asked about where it concerns more than one (not with --yes), and kept for \
            good with who, when and why.
            """,
        subcommands: [
            DeadLettersList.self, DeadLettersGroups.self, DeadLettersShow.self,
            DeadLettersReplay.self, DeadLettersEdit.self, DeadLettersDiscard.self,
            DeadLettersRestore.self, DeadLettersExport.self, DeadLettersAudit.self,
            DeadLettersCount.self,
        ], defaultSubcommand: DeadLettersList.self)

    static let queue = "refund.dead-letters"
}
