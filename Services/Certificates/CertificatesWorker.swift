import ProductWorker

/// The worker of the product `certificates`.
@main
enum CertificatesWorker {
    static func main() async { await ProductWorker.run(CertificateRules.self) }
}
