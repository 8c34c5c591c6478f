import HydrogenConfiguration
import HydrogenProtocol
import Testing

/// Times as people write them.
@Suite struct SpanTextTests {
    @Test(arguments: [
        ("5m30s", 330_000_000_000), ("1d", 86_400_000_000_000), ("1d2h3m4s5ms6us", 93_784_005_006_000),
        ("250ms", 250_000_000), ("0s", 0), ("90s", 90_000_000_000), ("36500d", 3_153_600_000_000_000_000),
        ("1us", 1_000), ("007m", 420_000_000_000),
    ]) func read(_ text: String, _ nanoseconds: Int64) {
        #expect(SpanText.read(text) == Interval(nanoseconds: nanoseconds))
    }

    @Test(arguments: [
        "", "5", "m", "5 m", "5M", "-5m", "+5m", "1.5s", "30s5m", "5m5m", "5ms30s", "5min", "36500d1us", "36501d",
        "99999999999999999s", "5m ", " 5m", "5m\u{0}", "５m",
    ]) func refuse(_ text: String) {
        #expect(SpanText.read(text) == nil)
    }

    @Test(arguments: [
        (0, "0s"), (330_000_000_000, "5m30s"), (90_000_000_000, "1m30s"), (1_500_000, "1ms500us"),
        (86_400_000_000_000, "1d"), (999, "0s"),
    ]) func write(_ nanoseconds: Int64, _ text: String) {
        #expect(SpanText.text(of: Interval(nanoseconds: nanoseconds)) == text)
    }
}

/// A table of members reads, refuses and writes objects.
@Suite struct ObjectTableTests {
    struct Inner: Sendable, Equatable {
        var word = Word.one
        var share = 0
        enum Word: String, Sendable, CaseIterable { case one, two }
    }

    struct Outer: Sendable, Equatable {
        var count = 0
        var after = Interval.seconds(1)
        var items: [Inner] = []
        var left: Inner?
        var right: Inner?
    }

    static let inner = ObjectTable<Inner>(
        "Inner", "A part.", empty: Inner(),
        [
            ObjectMember("Word", \.word, .word, "A word."),
            ObjectMember("Share", \.share, .decimal(0...1_000_000, places: 6), "A part of one."),
        ])

    static let outer = ObjectTable<Outer>(
        "Outer", "The whole.", empty: Outer(), alternatives: ["Left", "Right"],
        rules: [
            ObjectRule("Count", "Items") { $0.count < $0.items.count ? ("is less than there are items", "more") : nil }
        ],
        [
            ObjectMember("Count", \.count, .integer(1...3), required: true, "How many."),
            ObjectMember("After", \.after, .span(.milliseconds(1)...(.seconds(60))), "When."),
            ObjectMember("Items", \.items, inner.form.list(0...2), "The parts."),
            ObjectMember("Left", \.left, inner.form.optional, "One way."),
            ObjectMember("Right", \.right, inner.form.optional, "The other."),
        ])

    private func read(_ text: String) throws -> (Outer?, [String]) {
        let (source, root) = try CommentedJSON.read(Array(text.utf8), name: "x", maxDepth: 8)
        var reading = ValueReading(folder: nil)
        let value = Self.outer.form.read(FoundValue("", root, in: source), &reading)
        return (value, reading.faults.map(\.description))
    }

    @Test func right() throws {
        let (value, faults) = try read(
            "{ /* all */ \"Count\": 2, \"After\": \"2s\", \"Items\": [{}, {\"Word\": \"two\", \"Share\": 0.25}], \"Left\": {}}")
        #expect(faults == [])
        #expect(
            value
                == Outer(
                    count: 2, after: .seconds(2), items: [Inner(), Inner(word: .two, share: 250_000)], left: Inner()))
        let json = try #require(value.map(Self.outer.form.json))
        #expect(
            json
                == "{\"Count\": 2, \"After\": \"2s\", \"Items\": [{}, {\"Word\": \"two\", \"Share\": 0.25}], \"Left\": {}}")
        #expect(try read(json).0 == value)
    }

    @Test(arguments: [
        ("{}", ["Count: is missing (line 1, column 1); allowed: 1 to 3", ": must have one of its alternatives"]),
        ("{\"Count\": 1, \"Left\": {}, \"Right\": {}}", [": has Left and Right"]),
        ("{\"Count\": 1, \"Left\": null}", []),
        ("{\"Count\": 1, \"Left\": {\"Ward\": 1}}", ["Left.Ward: unknown key, did you mean Word?"]),
        ("{\"Count\": 1, \"Items\": [{}, {\"Share\": 2}], \"Left\": {}}", ["Items[1].Share: is too large, is 2"]),
        ("{\"Count\": 1, \"Items\": [{}, {}, {}], \"Left\": {}}", ["Items: has more than 2 entries"]),
        ("{\"Count\": 1, \"Items\": [{}, {}], \"Left\": {}}", ["Count: is less than there are items"]),
        ("{\"Count\": 4, \"After\": 5, \"Left\": 1}", ["Count: is too large", "After: must have a unit", "Left: must be"]),
        ("{\"Count\": 1, \"After\": \"61s\", \"Left\": {}}", ["After: is too long"]),
        ("{\"Count\": 1, \"After\": \"0s\", \"Left\": {}}", ["After: is too short"]),
        ("{\"Count\": 1, \"After\": \"1\", \"Left\": {}}", ["After: is no time"]),
        ("{\"Count\": 1, \"Count\": 1, \"Left\": {\"Word\": \"three\"}}", ["Count: is there twice", "Left.Word: must be one"]),
        ("[]", [": must be an object (Outer), is a list"]),
    ]) func wrong(_ text: String, _ starts: [String]) throws {
        let (value, faults) = try read(text)
        #expect(faults.map { fault in starts.first { fault.hasPrefix($0) } ?? fault } == starts)
        #expect((value != nil) == starts.isEmpty)
    }
}
