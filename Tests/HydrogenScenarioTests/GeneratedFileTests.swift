import HydrogenScenario
import Testing

/// Files that are made from the table of keys. Where one differs, the test run with UPDATE_GENERATED=1 writes it anew.
@Suite struct GeneratedFileTests {
    @Test func schema() throws {
        #expect(
            try isCurrent("Simulations/scenario.schema.json", ScenarioDocument.schema()),
            "run this test with UPDATE_GENERATED=1")
    }
}
