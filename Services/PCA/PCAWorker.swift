import ProductWorker

/// The worker of the product `pca`.
@main
enum PCAWorker {
    static func main() async { await ProductWorker.run(PCARules.self) }
}
