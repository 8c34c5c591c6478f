import Foundation
import HydrogenProtocol
import Testing

/// The folder of JSONTestSuite, a collection of parsing tests: named by `JSON_TEST_SUITE`, or beside the package.
private let suiteFolder: String? = {
    let beside = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../../../shared/corpora/JSONTestSuite"
    ).standardized.path
    let folder = ProcessInfo.processInfo.environment["JSON_TEST_SUITE"] ?? beside
    return FileManager.default.fileExists(atPath: folder + "/test_parsing") ? folder + "/test_parsing" : nil
}()

@Suite(
    .enabled(if: suiteFolder != nil, "JSONTestSuite is not at hand: JSON_TEST_SUITE names its folder"))
struct JSONTestSuiteTests {
    /// The files whose name starts like that, each placed as a member of `data`.
    private func texts(_ prefix: String) throws -> [(name: String, text: [UInt8])] {
        let folder = try #require(suiteFolder)
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().filter { $0.hasPrefix(prefix) }.map {
            ($0, Array(try Data(contentsOf: URL(filePath: "\(folder)/\($0)"))))
        }
    }

    private func fault(ofCommandWith text: [UInt8], maxDepth: Int = 1024) -> EnvelopeFault? {
        let head = #"{"type":"command","id":"1","channel":"print","action":"publish","data":{"member":"#
        var reader = EnvelopeReader()
        return reader.read((Array(head.utf8) + text + Array("}}".utf8)).span, maxDepth: maxDepth)
    }

    @Test func acceptsWhatMustBeAccepted() throws {
        let texts = try self.texts("y_")
        #expect(texts.count >= 95)
        for (name, text) in texts { #expect(self.fault(ofCommandWith: text) == nil, "\(name)") }
    }

    @Test func refusesWhatMustBeRefused() throws {
        let texts = try self.texts("n_")
        #expect(texts.count >= 188)
        for (name, text) in texts {
            let code = self.fault(ofCommandWith: text)?.code
            // Two of them are 50,000 and 100,000 levels deep, and malformed only behind that.
            #expect(code == .malformedJSON || (code == .tooDeep && text.count >= 50_000), "\(name)")
            #expect(scan(text, maxDepth: 1024).fault != nil, "\(name)")
        }
    }

    /// Those on which parsers may differ: what we do with each is decided, and does not change by accident.
    @Test func decidesWhatIsLeftOpen() throws {
        let accepted = try self.texts("i_").filter { self.fault(ofCommandWith: $0.text) == nil }.map(\.name)
        #expect(
            accepted == [
                "i_number_double_huge_neg_exp.json", "i_number_huge_exp.json", "i_number_neg_int_huge_exp.json",
                "i_number_pos_double_huge_exp.json", "i_number_real_neg_overflow.json",
                "i_number_real_pos_overflow.json", "i_number_real_underflow.json", "i_number_too_big_neg_int.json",
                "i_number_too_big_pos_int.json", "i_number_very_big_negative_int.json",
                "i_structure_500_nested_arrays.json",
            ])
    }
}
