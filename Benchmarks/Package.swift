// swift-tools-version: 6.2
import PackageDescription

/// Micro-benchmarks of the core: a package of its own, so that nobody who builds Hydrogen builds the tool that measures it.
/// It compiles the core's sources itself (`Sources` links to them), since it uses what only their package may.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .target(name: "HydrogenProtocol", swiftSettings: house),
        .target(name: "HydrogenCrypto", dependencies: ["HydrogenProtocol", "COpenSSL"], swiftSettings: house),
        .target(name: "HydrogenMetrics", swiftSettings: house),
        .target(name: "HydrogenConnection", dependencies: ["HydrogenProtocol"], swiftSettings: house),
        .target(
            name: "HydrogenShard",
            dependencies: ["HydrogenConnection", "HydrogenMetrics", "HydrogenProtocol", "HydrogenCrypto"],
            swiftSettings: house),

        // Counts what is allocated, by standing before the C library's malloc.
        .target(name: "CCountingAllocator"),
        .target(
            name: "CoreScenarios",
            dependencies: [
                "CCountingAllocator", "HydrogenShard", "HydrogenConnection", "HydrogenMetrics", "HydrogenProtocol",
                "HydrogenCrypto",
            ], swiftSettings: house),
        // One scenario, so many times: what `Benchmarks/instructions` runs under callgrind.
        .executableTarget(name: "core-costs", dependencies: ["CoreScenarios"], swiftSettings: house),
        .executableTarget(
            name: "Core",
            dependencies: ["CoreScenarios", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/Core", plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ]
)
