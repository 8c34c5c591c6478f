import HydrogenProtocol
import HydrogenScenario
import Testing

@Suite struct ReportTests {
    /// The data of the page is JSON, whatever names and texts hold, and nothing in it ends its element.
    @Test func dataIsSafe() throws {
        let text = """
            {"Name": "a", "Description": "</script><script>alert(1)</script> \\"quoted\\" é", "Clients": [{"Name": "c", "Count": 2}],
             "Duration": "10s", "Expectations": [{"Says": "<b>bold</b>", "ConnectedClients": {"At": "5s", "Exactly": 2}}]}
            """
        let file = try scenario(text)
        let run = Run(file, seed: 1, isSwarm: false)
        let outcome = Runner.timed(run) { run in
            run.result { $0.followedClients = run.followedClients(with: 1) }
        }
        var tally = Tally(file)
        tally.add(outcome)
        let page = ReportPage.html([ReportRun(tally, outcome, shrunkPath: nil)], command: "hydrogen <simulate>")
        let parts = page.components(between: "<script type=\"application/json\" id=\"data\">", "</script>")
        let data = try #require(parts)
        #expect(!data.contains("<"))
        let root = try JSONScanner.validate(Array(data.utf8).span, maxDepth: 32)
        let bytes = Array(data.utf8)
        var runs = try #require(root.member("runs", in: bytes.span)?.elements)
        // Outside of the macro: it hands no mutating call on.
        let next = runs.next(in: bytes.span)
        let first = try #require(next)
        #expect(first.member("description", in: bytes.span)?.text?.string(in: bytes.span) == file.scenario.description)
        #expect(first.member("verdict", in: bytes.span)?.text?.string(in: bytes.span) == "passed")
        var clients = try #require(first.member("clients", in: bytes.span)?.elements)
        var count = 0
        while let client = clients.next(in: bytes.span) {
            count += 1
            var steps = try #require(client.member("steps", in: bytes.span)?.elements)
            let hasStep = steps.next(in: bytes.span) != nil
            #expect(hasStep)
        }
        #expect(count == 2)
        #expect(page.contains("default-src 'none'"))
    }
}

extension String {
    /// What stands between two texts.
    fileprivate func components(between start: String, _ end: String) -> String? {
        guard let lower = self.firstRange(of: start)?.upperBound,
            let upper = self[lower...].firstRange(of: end)?.lowerBound
        else { return nil }
        return String(self[lower..<upper])
    }
}
