import ProductWorker

/// The worker of the product `repository`.
@main
enum RepositoryWorker {
    static func main() async { await ProductWorker.run(RepositoryRules.self) }
}
