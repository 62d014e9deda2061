import Testing

extension Tag {
    /// Real processes on a real RabbitMQ.
    @Tag static var integration: Self
}

/// The real processes on a real private RabbitMQ. One after the other: each test has the machine's
/// processors for itself, and may look at how long something takes.
@Suite(.serialized, .tags(.integration)) enum IntegrationTests {}
