import Foundation

/// Texts to start from: those of JSONTestSuite, where a copy of it is at hand.
enum Samples {
    static func load() -> [[UInt8]] {
        let named = ProcessInfo.processInfo.environment["JSON_TEST_SUITE"]
        let folder = (named ?? "../shared/corpora/JSONTestSuite") + "/test_parsing"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().compactMap { name in
            guard name.hasSuffix(".json"), let data = FileManager.default.contents(atPath: "\(folder)/\(name)"),
                data.count <= 4096
            else { return nil }
            return Array(data)
        }
    }
}
