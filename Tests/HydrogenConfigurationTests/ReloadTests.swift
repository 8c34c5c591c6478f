import HydrogenConfiguration
import HydrogenProtocol
import Testing

@Suite struct ReloadTests {
    @Test func nothingChanged() throws {
        let old = try configuration("")
        #expect(old.reloadDifferences(to: try configuration("")) == ReloadDifferences())
    }

    @Test func sortsWhatChanged() throws {
        let old = try configuration("\"Port\": 1, \"StatusInterval\": 5, \"Blocking\": null")
        let new = try configuration(
            "\"Port\": 2, \"StatusInterval\": 6, \"Blocking\": {\"After\": 3, \"Window\": 4}, "
                + "\"RateLimits\": {\"MessagesPerIdentity\": {\"Burst\": 5, \"Rate\": 6}}, \"Log\": {\"Format\": \"json\", \"Level\": \"error\"}"
        )
        let differences = old.reloadDifferences(to: new)
        #expect(
            differences.reloadable == [
                "WebSocketServer.StatusInterval", "WebSocketServer.RateLimits.MessagesPerIdentity",
                "WebSocketServer.Blocking",
                "WebSocketServer.Log.Level",
            ])
        #expect(differences.notReloadable == ["WebSocketServer.Port", "WebSocketServer.Log.Format"])

        let reloaded = try old.reloaded(with: new)
        #expect(reloaded.port == 1)
        #expect(reloaded.log.format == .text)
        #expect(reloaded.statusInterval == .seconds(6))
        #expect(reloaded.blocking == new.blocking)
        #expect(reloaded.rateLimits == new.rateLimits)
        #expect(reloaded.log.level == .error)
        #expect(reloaded.reloadDifferences(to: new) == ReloadDifferences(notReloadable: differences.notReloadable))
        // And back: a group that goes takes its members with it.
        #expect(try reloaded.reloaded(with: old).blocking == nil)
    }

    /// A new Burst fits the new MaxMessageBytes, but that one waits for a restart.
    @Test func whatDoesNotFitIsRefusedWhole() throws {
        let old = try configuration("")
        let new = try configuration(
            "\"MaxMessageBytes\": 1000, \"RateLimits\": {\"BytesPerConnection\": {\"Burst\": 1000}}")
        let error = #expect(throws: ConfigurationFaults.self) { try old.reloaded(with: new) }
        #expect(error?.faults.map(\.subject) == ["WebSocketServer.RateLimits.BytesPerConnection.Burst"])
    }
}
