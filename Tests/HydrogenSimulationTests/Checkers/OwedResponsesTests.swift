import Testing

@testable import HydrogenSimulation

/// Rule 5: what was asked is answered once.
@Suite struct OwedResponsesTests {
    @Test func eachCommandHasOneAnswer() {
        var owed = OwedResponses()
        owed.take(1, isImmediate: true, at: 10)
        owed.take(2, isImmediate: false, at: 20)
        #expect(owed.oldestTakenAt == 10 && owed.hasImmediate)
        #expect(owed.answered(1) == true)
        #expect(owed.answered(1) == false, "twice")
        #expect(!owed.hasImmediate && owed.oldestTakenAt == 20)
        #expect(owed.answered(3) == false, "not asked")
        #expect(owed.answered(2) == true)
        #expect(owed.entries.isEmpty)
    }

    @Test func malformedMessagesHaveOneAnswerEach() {
        var owed = OwedResponses()
        owed.takeAnonymous()
        #expect(owed.answered(nil) == true)
        #expect(owed.answered(nil) == false)
    }

    @Test func messagesMadeByChanceMayHaveAnAnswer() {
        var owed = OwedResponses()
        owed.takeWild()
        #expect(owed.answered(17) == true)
        #expect(owed.answered(17) == false)
    }

    @Test func aCommandThatComesAgainHasOneAnswerMore() {
        var owed = OwedResponses()
        owed.take(1, isImmediate: true, at: 10)
        owed.takeForged(1)
        #expect(!owed.isForForged(1), "the first answer is the command's own")
        #expect(owed.answered(1) == true)
        #expect(owed.isForForged(1))
        #expect(owed.answered(1) == true)
        #expect(!owed.isForForged(1))
        #expect(owed.answered(1) == false)
    }
}
