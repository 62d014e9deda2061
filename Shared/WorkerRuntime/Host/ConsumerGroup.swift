import ServiceLifecycle

/// All consumers of a process as one service, so that a stop reaches them at the same time.
struct ConsumerGroup: Service {
    let consumers: [QueueConsumer]

    func run() async throws {
        try await withThrowingTaskGroup { group in
            for consumer in consumers { group.addTask { try await consumer.run() } }
            try await group.waitForAll()
        }
        try await gracefulShutdown()
    }
}
