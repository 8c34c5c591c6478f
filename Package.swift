// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours is Swift 6, memory-safe where it does not say `unsafe`, and free of warnings.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    // Known bugs that the simulator's tests let loose, one by one; release builds have none of them.
    .define("HYDROGEN_ZOO", .when(configuration: .debug)),
]

/// Tests may touch C buffers without marking each use.
let tests: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
    .define("HYDROGEN_ZOO", .when(configuration: .debug)),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")

let package = Package(
    name: "hydrogen",
    products: [
        .executable(name: "hydrogen", targets: ["hydrogen"]),
        .library(name: "HydrogenServer", targets: ["HydrogenServer"]),
        .library(name: "HydrogenServices", targets: ["HydrogenServices"]),
        .library(name: "HydrogenClient", targets: ["HydrogenClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // The C libraries, as Debian ships them.
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CEpoll"),
        .systemLibrary(name: "CLibev", providers: [.apt(["libev-dev"])]),
        .target(
            name: "CLibwebsockets",
            linkerSettings: [.linkedLibrary("websockets"), .linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(
            name: "CMicroHTTPD", linkerSettings: [.linkedLibrary("microhttpd"), .linkedLibrary("gnutls")]),

        // The core: values that do no I/O.
        .target(name: "HydrogenProtocol", swiftSettings: house),
        .target(name: "HydrogenCrypto", dependencies: ["HydrogenProtocol", "COpenSSL"], swiftSettings: house),
        .target(name: "HydrogenMetrics", swiftSettings: house),
        .target(name: "HydrogenConnection", dependencies: ["HydrogenProtocol"], swiftSettings: house),
        .target(
            name: "HydrogenClientCore", dependencies: ["HydrogenProtocol", "HydrogenCrypto"], swiftSettings: house),
        .target(
            name: "HydrogenShard",
            dependencies: ["HydrogenConnection", "HydrogenMetrics", "HydrogenProtocol", "HydrogenCrypto"],
            swiftSettings: house),
        .target(
            name: "HydrogenRecording",
            dependencies: [
                "HydrogenConnection", "HydrogenCrypto", "HydrogenMetrics", "HydrogenProtocol", "HydrogenShard",
            ], swiftSettings: house),

        // What drivers share.
        .target(name: "HydrogenThreads", dependencies: ["HydrogenProtocol"], swiftSettings: house),

        // What the core is told, and what it serves.
        .target(
            name: "HydrogenConfiguration", dependencies: ["HydrogenCrypto", "HydrogenProtocol"], swiftSettings: house),
        .target(
            name: "HydrogenServices", dependencies: ["HydrogenThreads", "HydrogenProtocol"], swiftSettings: house),
        .target(
            name: "HydrogenAssembly",
            dependencies: ["HydrogenConfiguration", "HydrogenConnection", "HydrogenProtocol", "HydrogenShard"],
            swiftSettings: house),

        // The core again, in a world without time and chance.
        .target(
            name: "HydrogenSimulation",
            dependencies: [
                "HydrogenShard", "HydrogenClientCore", "HydrogenConnection", "HydrogenMetrics", "HydrogenProtocol",
                "HydrogenCrypto",
            ], swiftSettings: house),

        // Scenarios as files: reading, running, shrinking, reports.
        .target(
            name: "HydrogenScenario",
            dependencies: [
                "HydrogenSimulation", "HydrogenAssembly", "HydrogenConfiguration", "HydrogenConnection",
                "HydrogenThreads", "HydrogenShard", "HydrogenProtocol",
            ], resources: [.embedInCode("Report/Page")], swiftSettings: house),

        // The drivers at the rim.
        .target(
            name: "HydrogenTransport",
            dependencies: [
                "HydrogenThreads", "HydrogenProtocol", "HydrogenRecording", "HydrogenShard", "CLibwebsockets", "CLibev",
            ], swiftSettings: house),
        .target(
            name: "HydrogenClient",
            dependencies: ["HydrogenClientCore", "HydrogenThreads", "HydrogenProtocol", "CLibwebsockets", "CLibev"],
            swiftSettings: house),
        .target(
            name: "HydrogenStore",
            dependencies: [
                "HydrogenShard", "HydrogenCrypto", "HydrogenProtocol", "HydrogenThreads",
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ], swiftSettings: house),
        .target(
            name: "HydrogenHTTP",
            dependencies: [
                "HydrogenMetrics", "HydrogenProtocol", "HydrogenShard", "HydrogenThreads", "CMicroHTTPD", "CZlib",
            ],
            swiftSettings: house),
        .target(
            name: "HydrogenServer",
            dependencies: [
                "HydrogenAssembly", "HydrogenTransport", "HydrogenHTTP", "HydrogenRecording", "HydrogenShard",
                "HydrogenServices", "HydrogenConfiguration", "HydrogenConnection", "HydrogenCrypto", "HydrogenMetrics",
                "HydrogenStore", "HydrogenThreads", "HydrogenProtocol", "CLibwebsockets", logging,
            ], swiftSettings: house),
        .target(
            name: "HydrogenBench",
            dependencies: ["HydrogenProtocol", "CEpoll", "COpenSSL", histogram], swiftSettings: house),
        .target(
            name: "HydrogenConsole", dependencies: ["HydrogenClient", "HydrogenThreads", "HydrogenProtocol"],
            swiftSettings: house),
        .executableTarget(
            name: "hydrogen",
            dependencies: [
                "HydrogenBench", "HydrogenServer", "HydrogenClient", "HydrogenConsole", "HydrogenStore", "HydrogenScenario",
                "HydrogenSimulation", "HydrogenThreads", "HydrogenConfiguration", "HydrogenConnection",
                "HydrogenProtocol", "HydrogenRecording", argumentParser,
            ], swiftSettings: house),

        .testTarget(name: "HouseTests", swiftSettings: tests),
        .testTarget(name: "HydrogenProtocolTests", dependencies: ["HydrogenProtocol"], swiftSettings: tests),
        .testTarget(name: "HydrogenCryptoTests", dependencies: ["HydrogenCrypto"], swiftSettings: tests),
        .testTarget(name: "HydrogenMetricsTests", dependencies: ["HydrogenMetrics"], swiftSettings: tests),
        .testTarget(name: "HydrogenConnectionTests", dependencies: ["HydrogenConnection"], swiftSettings: tests),
        .testTarget(
            name: "HydrogenClientTests", dependencies: ["HydrogenClient", "HydrogenServer", logging],
            swiftSettings: tests),
        .testTarget(name: "HydrogenConsoleTests", dependencies: ["HydrogenConsole"], swiftSettings: tests),
        .testTarget(
            name: "HydrogenClientCoreTests", dependencies: ["HydrogenClientCore", "HydrogenCrypto", "HydrogenProtocol"],
            swiftSettings: tests),
        .testTarget(
            name: "HydrogenShardTests",
            dependencies: ["HydrogenShard", "HydrogenConnection", "HydrogenCrypto", "HydrogenMetrics", "HydrogenProtocol"],
            swiftSettings: tests),
        .testTarget(
            name: "HydrogenRecordingTests",
            dependencies: [
                "HydrogenRecording", "HydrogenShard", "HydrogenConnection", "HydrogenCrypto", "HydrogenMetrics",
                "HydrogenProtocol",
            ], swiftSettings: tests),
        .testTarget(name: "HydrogenConfigurationTests", dependencies: ["HydrogenConfiguration"], swiftSettings: tests),
        .testTarget(
            name: "HydrogenServicesTests", dependencies: ["HydrogenServices", "HydrogenThreads"], swiftSettings: tests),
        .testTarget(
            name: "HydrogenStoreTests",
            dependencies: [
                "HydrogenStore", "HydrogenShard", "HydrogenSimulation", "HydrogenProtocol", "HydrogenCrypto", "HydrogenThreads",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["Fixtures"], swiftSettings: tests),
        .testTarget(
            name: "HydrogenHTTPTests",
            dependencies: ["HydrogenHTTP", "HydrogenCrypto", "HydrogenProtocol", "HydrogenShard", "HydrogenThreads"],
            swiftSettings: tests),
        .testTarget(name: "HydrogenBenchTests", dependencies: ["HydrogenBench", "HydrogenProtocol", histogram], swiftSettings: tests),
        .testTarget(
            name: "HydrogenTransportTests",
            dependencies: [
                "HydrogenTransport", "HydrogenThreads", "HydrogenRecording", "HydrogenSimulation", "HydrogenShard",
                "HydrogenConnection", "HydrogenCrypto", "HydrogenMetrics", "HydrogenProtocol",
            ],
            swiftSettings: tests),
        .testTarget(
            name: "HydrogenSimulationTests",
            dependencies: ["HydrogenSimulation", "HydrogenShard", "HydrogenConnection", "HydrogenProtocol"],
            swiftSettings: tests),
        .testTarget(
            name: "HydrogenScenarioTests",
            dependencies: [
                "HydrogenScenario", "HydrogenSimulation", "HydrogenConfiguration", "HydrogenProtocol", "HydrogenThreads",
            ], swiftSettings: tests),
        .testTarget(name: "HydrogenServerTests", dependencies: ["HydrogenServer"], swiftSettings: tests),
    ]
)

// Scripts/fuzz alone needs libFuzzer, which the toolchain has.
if Context.environment["HYDROGEN_FUZZ"] != nil {
    package.targets += [
        .target(name: "CLibFuzzer", path: "Tests/Fuzzing/CLibFuzzer"),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "CLibFuzzer", "HydrogenAssembly", "HydrogenClientCore", "HydrogenConfiguration", "HydrogenCrypto",
                "HydrogenMetrics", "HydrogenProtocol", "HydrogenRecording", "HydrogenScenario", "HydrogenShard",
                "HydrogenSimulation",
            ], path: "Tests/Fuzzing/Fuzz", swiftSettings: tests),
    ]
}

// Scripts/fuzz-json alone needs simdjson.
if Context.environment["HYDROGEN_DIFFERENTIAL"] != nil {
    package.cxxLanguageStandard = .cxx17
    package.targets += [
        .target(
            name: "CSimdjson", path: "Tests/Differential/CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
        .executableTarget(
            name: "fuzz-json", dependencies: ["CSimdjson", "HydrogenProtocol"], path: "Tests/Differential/FuzzJSON",
            swiftSettings: tests),
    ]
}
