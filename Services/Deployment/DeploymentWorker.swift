import ProductWorker

/// The worker of the product `deployment`.
@main
enum DeploymentWorker {
    static func main() async { await ProductWorker.run(DeploymentRules.self) }
}
