import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// One session, a connection on its home loop and one on another, and every order in which they can come, go, take the
/// session from each other and be told things: nothing is missing, twice or out of order, and whatever the state,
/// everything heals.
@Suite struct TakeoverSearchTests {
    @Test func nothingIsLostInAnyOrder() throws {
        var search = try TakeoverSearch()
        while !search.isComplete { try search.goDeeper() }
        // Exact, so that it is looked at where what loops tell each other loses or gains a state.
        #expect(search.stateCount == 1967 && search.stepCount == 5197 && search.depth == 15)
        #expect(search.scene.takeovers > 0 && search.scene.replays > 0)
    }

    #if HYDROGEN_ZOO
        /// Few moves are enough to find what is wrong.
        @Test(arguments: [KnownBug.liveOvertakesReplay, .ackFreesTheNextToo, .eventsBeforeAttachment])
        func aBrokenRuleIsFound(_ bug: KnownBug) throws {
            #expect(throws: TakeoverScene.BrokenRule.self) {
                try KnownBug.letLoose(bug) {
                    var search = try TakeoverSearch()
                    for _ in 1...8 { try search.goDeeper() }
                }
            }
        }
    #endif
}

/// Walks through the states breadth first, so that each is met after the fewest moves that lead to it. A shard cannot be
/// copied: a state is come to again by doing its moves again.
struct TakeoverSearch {
    private typealias Move = TakeoverScene.Move

    let scene: TakeoverScene
    /// Moves made in a state, of all that can be made there.
    private(set) var stepCount = 0
    /// How many moves lead to the states that were met last.
    private(set) var depth = 0
    private var known: Set<String> = []
    /// States that nothing followed yet: how they are come to, and what can happen there.
    private var frontier: [(path: [Move], moves: [Move])] = []

    var stateCount: Int { self.known.count }
    /// Whether nothing new can follow.
    var isComplete: Bool { self.frontier.isEmpty }

    init() throws {
        self.scene = try TakeoverScene()
        try self.meet([])
    }

    /// Makes every move that can be made in the states that were met last.
    mutating func goDeeper() throws {
        let reached = self.frontier
        self.frontier = []
        self.depth += 1
        for (path, moves) in reached {
            for move in moves {
                self.stepCount += 1
                do {
                    try self.meet(path + [move])
                } catch let error as TakeoverScene.BrokenRule {
                    throw TakeoverScene.BrokenRule(description: "\(error.description), after \(path + [move])")
                }
            }
        }
    }

    private mutating func meet(_ moves: [Move]) throws {
        try self.scene.play(moves)
        guard self.known.insert(self.scene.key).inserted else { return }
        self.frontier.append((moves, self.scene.moves))
        try self.scene.finish()
    }
}
