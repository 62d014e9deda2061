// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: see CONTRIBUTING.md.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

extension Target.Dependency {
    static let log: Self = .product(name: "Logging", package: "swift-log")
    static let metrics: Self = .product(name: "Metrics", package: "swift-metrics")
    static let coreMetrics: Self = .product(name: "CoreMetrics", package: "swift-metrics")
    static let tracing: Self = .product(name: "Tracing", package: "swift-distributed-tracing")
    static let inMemoryTracing: Self = .product(
        name: "InMemoryTracing", package: "swift-distributed-tracing")
    static let lifecycle: Self = .product(
        name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let arguments: Self = .product(
        name: "ArgumentParser", package: "swift-argument-parser")
    static let configuration: Self = .product(
        name: "Configuration", package: "swift-configuration")
    static let hummingbird: Self = .product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore: Self = .product(
        name: "HummingbirdCore", package: "hummingbird")
    static let nioCore: Self = .product(name: "NIOCore", package: "swift-nio")
    static let nioPosix: Self = .product(name: "NIOPosix", package: "swift-nio")
    static let nioHTTPTypes: Self = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioHTTP1: Self = .product(name: "NIOHTTP1", package: "swift-nio")
    static let nioSSL: Self = .product(name: "NIOSSL", package: "swift-nio-ssl")
    static let asyncHTTPClient: Self = .product(
        name: "AsyncHTTPClient", package: "async-http-client")
    static let signals: Self = .product(
        name: "UnixSignals", package: "swift-service-lifecycle")
    static let lifecycleTestKit: Self = .product(
        name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle")
    static let grdb: Self = .product(name: "GRDB", package: "GRDB.swift")
    static let sqlite: Self = .product(name: "GRDBSQLite", package: "GRDB.swift")
    static let httpTypes: Self = .product(name: "HTTPTypes", package: "swift-http-types")
    static let yams: Self = .product(name: "Yams", package: "Yams")
}

/// A product worker: its rules, its facts and a main of a few lines over ProductWorker.
func worker(_ name: String) -> Target {
    .executableTarget(
        name: name, dependencies: ["ProductWorker", "RefundMessages"], path: "Services/\(name)")
}

func tests(of name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [])
    -> Target
{
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)",
        resources: resources)
}

let package = Package(
    name: "refund-workers",
    products: [
        .executable(name: "certificates", targets: ["Certificates"]),
        .executable(name: "pca", targets: ["PCA"]),
        .executable(name: "gateway", targets: ["Gateway"]),
        .executable(name: "notifications", targets: ["Notifications"]),
        .executable(name: "monitoring", targets: ["Monitoring"]),
        .executable(name: "repository", targets: ["Repository"]),
        .executable(name: "deployment", targets: ["Deployment"]),
        .executable(name: "orchestrator", targets: ["Orchestrator"]),
        .executable(name: "payment-webhook", targets: ["PaymentWebhook"]),
        .executable(name: "dead-letters", targets: ["DeadLetters"]),
        .executable(name: "refundctl", targets: ["RefundCtl"]),
        .executable(name: "refund-bench", targets: ["Benchmark"]),
        .executable(name: "dead-letters-bench", targets: ["DeadLettersBench"]),
        .executable(name: "poison-worker", targets: ["PoisonWorker"]),
        .executable(name: "raw-amqp", targets: ["RawAMQP"]),
        .executable(name: "slow-worker", targets: ["SlowWorker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: ["YAML"]),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(
            name: "CRabbitMQ", path: "Shared/CRabbitMQ",
            linkerSettings: [
                .linkedLibrary("rabbitmq"), .linkedLibrary("ssl"), .linkedLibrary("crypto"),
            ]),
        .systemLibrary(name: "COpenSSL", path: "Shared/COpenSSL"),
        .systemLibrary(
            name: "CPostgres", path: "Shared/CPostgres", pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"])]),
        .target(
            name: "AMQP", dependencies: ["CRabbitMQ", .log, .metrics, .tracing, .lifecycle],
            path: "Shared/AMQP"),
        .target(
            name: "Database", dependencies: ["CPostgres", .grdb, .sqlite, .metrics],
            path: "Shared/Database"),
        .target(
            name: "RefundMessages", path: "Shared/RefundMessages", exclude: ["Contract"]),
        .target(
            name: "Telemetry", dependencies: [.log, .metrics, .coreMetrics],
            path: "Shared/Telemetry"),
        .target(
            name: "WorkerRuntime",
            dependencies: [
                "AMQP", "COpenSSL", "Telemetry", .log, .metrics, .coreMetrics, .lifecycle,
                .configuration, .hummingbird, .hummingbirdCore, .httpTypes, .nioCore, .nioPosix,
                .signals,
            ], path: "Shared/WorkerRuntime"),
        .target(
            name: "RefundService",
            dependencies: [
                "AMQP", "Database", "RefundMessages", "Telemetry", "WorkerRuntime", .coreMetrics,
            ], path: "Shared/RefundService"),
        .target(
            name: "ProductWorker",
            dependencies: [
                "AMQP", "Database", "RefundMessages", "RefundService", "Telemetry",
                "WorkerRuntime",
            ], path: "Shared/ProductWorker"),
        worker("Certificates"), worker("PCA"), worker("Gateway"), worker("Notifications"),
        worker("Monitoring"), worker("Repository"), worker("Deployment"),
        .executableTarget(
            name: "Orchestrator",
            dependencies: [
                "AMQP", "Database", "RefundMessages", "RefundService", "Telemetry", "WorkerRuntime",
                .log, .metrics, .lifecycle, .hummingbird, .httpTypes, .nioCore, .nioPosix,
                .nioHTTP1, .nioSSL, .asyncHTTPClient, .yams,
            ], path: "Services/Orchestrator", exclude: ["API/openapi.yaml"]),
        .executableTarget(
            name: "PaymentWebhook",
            dependencies: [
                "AMQP", "COpenSSL", "RefundMessages", "Telemetry", "WorkerRuntime", .log, .metrics,
                .lifecycle, .signals, .hummingbird, .hummingbirdCore, .httpTypes, .nioCore,
                .nioPosix, .nioHTTPTypes,
            ], path: "Services/PaymentWebhook", exclude: ["openapi.yaml"]),
        .executableTarget(
            name: "DeadLetters",
            dependencies: [
                "AMQP", "COpenSSL", "Database", "RefundMessages", "RefundService", "Telemetry",
                "WorkerRuntime", .log, .metrics, .lifecycle, .hummingbird, .httpTypes, .nioCore,
                .nioHTTP1, .asyncHTTPClient,
            ], path: "Services/DeadLetters", exclude: ["API/openapi.yaml"]),
        .executableTarget(
            name: "RefundCtl",
            dependencies: ["AMQP", "RefundMessages", "Telemetry", .log, .arguments],
            path: "Services/RefundCtl"),
        .executableTarget(
            name: "Benchmark",
            dependencies: ["AMQP", "RefundMessages", "TestSupport", .log, .arguments, .grdb],
            path: "Tests/Benchmarks", exclude: ["RawAMQP"]),
        .executableTarget(
            name: "RawAMQP", path: "Tests/Benchmarks/RawAMQP",
            linkerSettings: [.linkedLibrary("rabbitmq")]),
        .target(
            name: "TestSupport", dependencies: ["AMQP", "RefundMessages", .log],
            path: "Tests/Support"),
        .target(
            name: "DatabaseSupport", dependencies: ["Database", "TestSupport"],
            path: "Tests/DatabaseSupport"),
        .target(
            name: "DeadLettersSupport",
            dependencies: [
                "AMQP", "RefundMessages", "Telemetry", "TestSupport", "WorkerRuntime", .log,
            ], path: "Tests/DeadLettersSupport", exclude: ["requirements.txt"]),
        .executableTarget(
            name: "DeadLettersBench",
            dependencies: [
                "AMQP", "DeadLettersSupport", "RefundMessages", "TestSupport", .arguments,
            ], path: "Tests/DeadLettersBench"),
        .target(name: "ContractSupport", path: "Tests/Contract"),
        .target(
            name: "StripePeer",
            dependencies: [
                "COpenSSL", "TestSupport", .nioCore, .nioPosix, .nioHTTP1, .asyncHTTPClient,
            ], path: "Tests/StripePeer", exclude: ["requirements.txt", "run_localstripe.py"]),
        tests(
            of: "AMQP",
            [
                "AMQP", "TestSupport", "Telemetry", .log, .coreMetrics, .lifecycle, .tracing,
                .inMemoryTracing,
            ]),
        .executableTarget(
            name: "PoisonWorker",
            dependencies: ["AMQP", "WorkerRuntime", .log, .lifecycle, .signals],
            path: "Tests/PoisonWorker"),
        .executableTarget(
            name: "SlowWorker", dependencies: ["ProductWorker", "RefundMessages"],
            path: "Tests/SlowWorker"),
        tests(of: "Database", ["Database", "TestSupport"]),
        tests(of: "RefundMessages", ["ContractSupport", "RefundMessages", .yams]),
        tests(of: "Telemetry", ["Telemetry", .log, .coreMetrics]),
        tests(
            of: "WorkerRuntime",
            [
                "WorkerRuntime", "AMQP", "PoisonWorker", "Telemetry", "TestSupport", .httpTypes,
                .log,
                .lifecycle, .lifecycleTestKit,
            ]),
        tests(
            of: "ProductWorker",
            [
                "ProductWorker", "AMQP", "Database", "DatabaseSupport", "RefundMessages",
                "RefundService", "Telemetry", "WorkerRuntime",
            ]),
        tests(
            of: "ProductRules",
            [
                "Certificates", "PCA", "Gateway", "Notifications", "Monitoring", "Repository",
                "Deployment", "ProductWorker", "RefundMessages",
            ]),
        tests(
            of: "Orchestrator",
            [
                "Orchestrator", "AMQP", "Database", "DatabaseSupport", "RefundMessages",
                "RefundService", "Telemetry", "WorkerRuntime", "StripePeer", "TestSupport", .log,
                .lifecycle, .lifecycleTestKit,
                .nioHTTP1,
            ]),
        tests(
            of: "PaymentWebhook",
            [
                "PaymentWebhook", "AMQP", "RefundMessages", "Telemetry", "TestSupport",
                "WorkerRuntime", .log, .httpTypes, .nioCore,
            ]),
        tests(
            of: "DeadLetters",
            [
                "DeadLetters", "DeadLettersSupport", "AMQP", "ContractSupport", "Database",
                "DatabaseSupport",
                "RefundMessages", "RefundService", "Telemetry", "TestSupport", "WorkerRuntime",
                .log, .lifecycle,
            ]),
        tests(
            of: "RefundCtl",
            [
                "RefundCtl", "RefundMessages", "AMQP", "DeadLettersSupport", "TestSupport",
                .arguments,
            ]),
        tests(
            of: "Integration",
            ["AMQP", "ContractSupport", "RefundMessages", "StripePeer", "TestSupport", .grdb, .log]),
    ]
)

// Set by `make tsan`: the AMQP library and its tests alone, which is where the threads are.
if Context.environment["THREAD_SANITIZER"] != nil {
    let checked: Set<String> = [
        "CRabbitMQ", "AMQP", "RefundMessages", "Telemetry", "TestSupport", "AMQPTests",
    ]
    package.products = []
    package.targets.removeAll { !checked.contains($0.name) }
    package.targets.append(.target(name: "ThreadSanitizer", path: "Tests/ThreadSanitizer"))
    package.targets.first { $0.name == "AMQPTests" }?.dependencies.append("ThreadSanitizer")
}

// Set by `make test`: our own targets may have no warning. Dependencies are not concerned.
let warnings: [SwiftSetting] =
    Context.environment["WARNINGS_AS_ERRORS"] == nil ? [] : [.treatAllWarnings(as: .error)]

let inC: Set<String> = ["COpenSSL", "CPostgres", "CRabbitMQ", "RawAMQP", "ThreadSanitizer"]
for target in package.targets where !inC.contains(target.name) {
    target.swiftSettings = (target.swiftSettings ?? []) + strict + warnings
}
