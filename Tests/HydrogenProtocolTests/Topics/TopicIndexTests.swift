import HydrogenProtocol
import Testing

/// An index under test: a class, because `#expect` takes no mutating call.
private final class Topics {
    private(set) var index: TopicIndex

    init(_ patterns: [String] = [], seed: UInt64 = 1) throws {
        self.index = TopicIndex(seed: seed)
        for (number, pattern) in patterns.enumerated() { try self.insert(UInt32(number), pattern) }
    }

    func insert(_ subscriber: UInt32, _ pattern: String) throws {
        self.index.insert(subscriber, under: try TopicPattern(pattern))
    }

    func remove(_ subscriber: UInt32, _ pattern: String) throws -> Bool {
        self.index.remove(subscriber, under: try TopicPattern(pattern))
    }

    /// What is found, in order.
    func matches(_ action: String) -> [UInt32] {
        var found: [UInt32] = []
        self.index.appendMatches(of: Array(action.utf8).span, to: &found)
        return found
    }
}

@Suite struct TopicIndexTests {
    @Test func findsAlongTheSegments() throws {
        let topics = try Topics(["job.done", "job.*", "*.done", "**", "job.**", "job", "*", "other.done"])
        #expect(topics.matches("job.done") == [3, 4, 0, 1, 2])
        #expect(topics.matches("job") == [3, 5, 6])
        #expect(topics.matches("job.done.now") == [3, 4])
        #expect(topics.matches("x.y") == [3])
        #expect(topics.index.count == 8)
    }

    @Test func appendsToWhatIsThere() throws {
        let topics = try Topics(["a"])
        var found: [UInt32] = [7]
        topics.index.appendMatches(of: Array("a".utf8).span, to: &found)
        #expect(found == [7, 0])
    }

    @Test func keepsTheOrderOfInsertionAtOneNode() throws {
        let topics = try Topics(["a", "a", "a", "a"])
        #expect(topics.matches("a") == [0, 1, 2, 3])
        #expect(try topics.remove(1, "a"))
        try topics.insert(1, "a")
        #expect(topics.matches("a") == [0, 2, 3, 1])
    }

    @Test func aSubscriberAddedTwiceIsFoundTwiceAndRemovedOnce() throws {
        let topics = try Topics()
        try topics.insert(5, "a.*")
        try topics.insert(5, "a.*")
        #expect(topics.matches("a.b") == [5, 5])
        #expect(try topics.remove(5, "a.*"))
        #expect(topics.matches("a.b") == [5])
        #expect(try topics.remove(5, "a.*"))
        #expect(try !topics.remove(5, "a.*"))
        #expect(topics.index.count == 0)
    }

    @Test(arguments: ["a.b", "a", "*", "**", "a.b.c.d", "x", "a.b.*", "a.b.**"])
    func removesOnlyWhatIsThere(_ pattern: String) throws {
        let topics = try Topics(["a.b.c"])
        #expect(try !topics.remove(0, pattern))
        #expect(try !topics.remove(1, "a.b.c"))
        #expect(topics.index.count == 1)
        #expect(topics.index.nodeCount == 4)
    }

    @Test func nodesGoWithTheirLastSubscriber() throws {
        let topics = try Topics(["a.b.c", "a.b", "a.*.c", "a.**"])
        #expect(topics.index.nodeCount == 6)
        for (subscriber, pattern, count) in [(0, "a.b.c", 5), (2, "a.*.c", 3), (1, "a.b", 2), (3, "a.**", 1)] {
            #expect(try topics.remove(UInt32(subscriber), pattern))
            #expect(topics.index.nodeCount == count)
        }
    }

    /// The same segment below different nodes, one that is a prefix of another, and lengths around a word.
    @Test func tellsBranchesApart() throws {
        let patterns = ["a.x", "b.x", "ab.x", "a.xx", "abcdefg.x", "abcdefgh.x", "abcdefghi.x", "abcdefghj.x"]
        let topics = try Topics(patterns)
        for (number, pattern) in patterns.enumerated() { #expect(topics.matches(pattern) == [UInt32(number)]) }
        #expect(topics.matches("c.x") == [])
    }

    @Test func servesTheLongestAction() throws {
        let deepest = Array(repeating: "a", count: 64).joined(separator: ".")
        let stars = String(repeating: "*.", count: 63) + "a"
        let topics = try Topics([deepest, String(deepest.dropLast(1)) + "*", "**", stars])
        #expect(topics.matches(deepest) == [2, 0, 1, 3])
    }

    /// Patterns come and go; every action finds exactly those whose pattern matches, whatever the seed.
    @Test(arguments: [UInt64(1), 2, 3]) func agreesWithEachPatternByItself(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let topics = try Topics(seed: random.next())
        var held: [(subscriber: UInt32, text: String, pattern: TopicPattern)] = []
        for step in 0..<4_000 {
            // Grows for a while, then shrinks: the table of branches is resized both ways.
            let grows = step % 1_000 < 600
            if held.isEmpty || random.chance(grows ? 4 : 1, in: 5) {
                let text = Self.text(&random, isPattern: true)
                let subscriber = UInt32(random.below(50))
                try topics.insert(subscriber, text)
                held.append((subscriber, text, try TopicPattern(text)))
            } else {
                let gone = held.remove(at: random.below(held.count))
                #expect(try topics.remove(gone.subscriber, gone.text))
            }
            guard step % 7 == 0 else { continue }
            let action = Self.text(&random, isPattern: false)
            let expected = held.filter { $0.pattern.matches(Array(action.utf8).span) }.map(\.subscriber).sorted()
            #expect(topics.matches(action).sorted() == expected, "\(action)")
            #expect(topics.index.count == held.count)
        }
        for (subscriber, text, _) in held { #expect(try topics.remove(subscriber, text)) }
        #expect(topics.index.nodeCount == 1)
    }

    @Test func theOrderDoesNotDependOnTheSeed() throws {
        var random = SeededGenerator(seed: 9)
        let patterns = (0..<500).map { _ in Self.text(&random, isPattern: true) }
        let all = try [0, 1, .max].map { try Topics(patterns, seed: $0) }
        for _ in 0..<200 {
            let action = Self.text(&random, isPattern: false)
            #expect(Set(all.map { $0.matches(action) }).count == 1)
        }
    }

    /// Few names and few levels, so that patterns and actions meet; now and then a name of its own.
    private static func text(_ random: inout SeededGenerator, isPattern: Bool) -> String {
        let count = 1 + random.below(4)
        var segments: [String] = []
        for _ in 0..<count {
            let isRare = random.chance(1, in: 10)
            segments.append(isRare ? "n\(random.below(1_000))" : random.pick(["a", "b", "job", "progress", "abcdefghij"]))
        }
        guard isPattern else { return segments.joined(separator: ".") }
        for place in segments.indices where random.chance(1, in: 4) { segments[place] = "*" }
        if random.chance(1, in: 5) { segments[count - 1] = "**" }
        return segments.joined(separator: ".")
    }
}
