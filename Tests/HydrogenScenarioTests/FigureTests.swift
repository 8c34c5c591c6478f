import HydrogenConfiguration
import HydrogenProtocol
import HydrogenScenario
import Testing

@Suite struct FigureTests {
    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"), (10_000_000, "10,000,000"),
    ]) func counts(_ value: UInt64, _ text: String) {
        #expect(FigureText.count(value) == text)
    }

    @Test(arguments: [
        (0, "0 ms"), (350_000_000, "350 ms"), (4_290_000_000, "4.2 s"), (59_999_999_999, "59.9 s"),
        (90_000_000_000, "1 min 30 s"), (5_400_000_000_000, "1 h 30 min"), (172_799_000_000_000, "47 h 59 min"),
        (266_400_000_000_000, "3 days 2 h"), (315_360_000_000_000_000, "3,650 days 0 h"),
    ]) func durations(_ nanoseconds: Int64, _ text: String) {
        #expect(FigureText.duration(nanoseconds: nanoseconds) == text)
    }

    @Test(arguments: [(0, "00:00:00.000"), (252_331_000_000, "00:04:12.331"), (360_000_000_000_000, "100:00:00.000")])
    func times(_ nanoseconds: Int64, _ text: String) {
        #expect(FigureText.time(Interval(nanoseconds: nanoseconds)) == text)
    }

    @Test func speeds() {
        #expect(FigureText.perSecond(3_000, in: .milliseconds(500)) == "6,000")
        #expect(FigureText.perSecond(3_000, in: .zero) == nil)
        #expect(FigureText.speedUp(7_200_000_000_000, in: .seconds(2)) == "3,600")
    }
}

@Suite struct LayoutTests {
    @Test(arguments: [
        ("{}", "{}"), ("[1,2 ,3]", "[1, 2, 3]"), ("{\"a\" :{\"b\":[ ]}}", "{\"a\": {\"b\": []}}"), ("nonsense", "nonsense"),
    ]) func short(_ text: String, _ laidOut: String) {
        #expect(JSONLayout.pretty(text) == laidOut)
    }

    @Test func long() throws {
        let words = (0..<30).map { "\"word number \($0)\"" }.joined(separator: ",")
        let text = JSONLayout.pretty("{\"list\":[\(words)],\"short\":{\"a\":1,\"b\":[true,null]}}")
        let lines = text.split(separator: "\n")
        #expect(lines.count == 35)
        #expect(lines.allSatisfy { $0.utf8.count <= 112 })
        #expect(lines[2] == "    \"word number 0\",")
        #expect(lines[33] == "  \"short\": {\"a\": 1, \"b\": [true, null]}")
        // The same values as before.
        #expect(text.filter { !$0.isWhitespace } == "{\"list\":[\(words.filter { !$0.isWhitespace })],\"short\":{\"a\":1,\"b\":[true,null]}}")
    }
}
