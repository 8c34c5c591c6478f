import HydrogenProtocol
import Testing

@Suite struct TopicPatternTests {
    @Test(arguments: [
        "a", "job", "job.done", "job.*", "*", "**", "*.done", "*.*", "job.**", "*.**", "a.b.c.d", "a1.b_2.c-3", "a-", "a_",
    ])
    func takesPatterns(_ text: String) throws {
        #expect(try TopicPattern(text).text == Array(text.utf8))
    }

    static let refused: [(String, TopicPattern.Fault)] = [
        ("", .length), (".", .segment), ("a.", .segment), (".a", .segment), ("a..b", .segment), ("A", .segment),
        ("1a", .segment), ("-a", .segment), ("_a", .segment), ("a b", .segment), ("ä", .segment), ("a*", .segment),
        ("*a", .segment), ("***", .segment), ("a.*b", .segment), ("a.***", .segment), ("a\0", .segment), ("a/b", .segment),
        ("**.a", .starsNotLast), ("a.**.b", .starsNotLast), ("**.", .starsNotLast), ("**.**", .starsNotLast), ("**.*", .starsNotLast),
    ]

    @Test(arguments: refused) func refusesOthers(_ text: String, _ fault: TopicPattern.Fault) {
        #expect(throws: fault) { try TopicPattern(text) }
    }

    @Test(arguments: [(127, true), (128, true), (129, false)]) func boundsTheLength(_ count: Int, _ isTaken: Bool) {
        let text = "a." + String(repeating: "b", count: count - 2)
        #expect(((try? TopicPattern(text)) != nil) == isTaken)
    }

    /// A pattern, an action, and whether they match.
    static let matches: [(String, String, Bool)] = [
        ("job", "job", true), ("job", "jobs", false), ("job", "jo", false), ("job", "job.done", false),
        ("job.done", "job.done", true), ("job.done", "job", false), ("job.done", "job.gone", false),
        ("*", "job", true), ("*", "job.done", false), ("job.*", "job.done", true), ("job.*", "job", false),
        ("job.*", "job.done.now", false), ("job.*", "print.done", false), ("*.done", "job.done", true),
        ("*.done", "job.gone", false), ("*.*", "a.b", true), ("*.*", "a", false), ("*.*", "a.b.c", false),
        ("**", "a", true), ("**", "a.b", true), ("**", "a.b.c.d.e", true), ("a.**", "a.b", true), ("a.**", "a.b.c", true),
        ("a.**", "a", false), ("a.**", "b.c", false), ("*.**", "a.b", true), ("*.**", "a", false), ("a.*.c", "a.b.c", true),
        ("a.*.c", "a.b.d", false), ("a.*.c", "a.c", false), ("abcdefgh", "abcdefgx", false), ("abcdefghi", "abcdefghi", true),
    ]

    @Test(arguments: matches) func matchesBySegments(_ pattern: String, _ action: String, _ expected: Bool) throws {
        let pattern = try TopicPattern(pattern)
        #expect(pattern.matches(Array(action.utf8).span) == expected)
    }
}
