// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "printer-farm",
    dependencies: [.package(name: "hydrogen", path: "../..")],
    targets: [
        .executableTarget(
            name: "printer-farm",
            dependencies: [
                .product(name: "HydrogenServer", package: "hydrogen"),
                .product(name: "HydrogenServices", package: "hydrogen"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")])
    ]
)
