import ProductWorker

/// The worker of the product `monitoring`.
@main
enum MonitoringWorker {
    static func main() async { await ProductWorker.run(MonitoringRules.self) }
}
