import HydrogenScenario
import Testing

/// Files that are made from the table of keys. Where one differs, the test run with UPDATE_GENERATED=1 writes it anew.
@Suite struct GeneratedFileTests {
    @Test func schema() throws {
        #expect(
            try isCurrent("Simulations/scenario.schema.json", ScenarioDocument.schema()),
            "run this test with UPDATE_GENERATED=1")
    }

    private static let document = "Documentation/Simulation.md"

    /// The keys in the documentation stand between two marks.
    @Test func keys() throws {
        let marks = (begin: "<!-- keys:begin -->\n", end: "<!-- keys:end -->")
        let text = try packageFile(Self.document)
        let begin = try #require(text.firstRange(of: marks.begin)?.upperBound)
        let end = try #require(text[begin...].firstRange(of: marks.end)?.lowerBound)
        let current = "\(text[..<begin])\n\(ScenarioDocument.keys())\n\n\(text[end...])"
        #expect(try isCurrent(Self.document, current), "run this test with UPDATE_GENERATED=1")
    }

    /// The example of the documentation is right.
    @Test func example() throws {
        let text = try packageFile(Self.document)
        let begin = try #require(text.firstRange(of: "```jsonc\n")?.upperBound)
        let end = try #require(text[begin...].firstRange(of: "```")?.lowerBound)
        let file = try scenario(String(text[begin..<end]))
        let result = Run(file, seed: 1, isSwarm: false).result()
        #expect(result.isSuccess, "\(result.expectations)")
    }
}
