import ArgumentParser

/// Where the topology is described.
struct DefinitionsOption: ParsableArguments {
    @Option(
        help: """
            The definitions file (REFUND_DEFINITIONS; default deploy/rabbitmq/definitions.json, \
            else /etc/refund-workers/definitions.json).
            """)
    var definitions: String?

    func load() throws(CommandFailure) -> Definitions { try Definitions.load(definitions) }
}
