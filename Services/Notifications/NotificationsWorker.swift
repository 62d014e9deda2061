import ProductWorker

/// The worker of the product `notifications`.
@main
enum NotificationsWorker {
    static func main() async { await ProductWorker.run(NotificationsRules.self) }
}
