import ProductWorker

/// The worker of the product `gateway`.
@main
enum GatewayWorker {
    static func main() async { await ProductWorker.run(GatewayRules.self) }
}
