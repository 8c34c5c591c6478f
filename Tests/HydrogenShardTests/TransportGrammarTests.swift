import HydrogenShard
import Testing

@Suite struct TransportGrammarTests {
    typealias Call = TransportGrammar.Call

    static let whole = Call.received(isFirst: true, isLast: true)
    static let start = Call.received(isFirst: true, isLast: false)
    static let middle = Call.received(isFirst: false, isLast: false)
    static let end = Call.received(isFirst: false, isLast: true)
    static let opened: [Call] = [.requested, .agreed, .upgraded]

    static let conversations: [[Call]] = [
        [.transportEnded],
        [.requested, .refused, .transportEnded],
        [.requested, .dropped, .transportEnded],
        [.requested, .agreed, .transportEnded],
        [.requested, .agreed, .closeAsked, .upgraded, .transportEnded],
        opened + [whole, start, .pongReceived, middle, .writable, end, whole, .transportEnded],
        opened + [whole, .closeReceived, .transportEnded],
        opened + [.closeAsked, .closeReceived, .transportEnded],
        opened + [.closeReceived, .closeAsked, .transportEnded],
        opened + [.framingFailed, .pongReceived, .writable, .closeAsked, .closeReceived, .transportEnded],
    ]

    static let breaches: [[Call]] = [
        [.agreed], [.upgraded], [whole], [.writable], [.pongReceived], [.closeReceived], [.framingFailed],
        [.requested, .upgraded], [.requested, .requested], [.requested, .agreed, whole],
        [.requested, .refused, .upgraded], [.requested, .refused, .requested],
        opened + [.upgraded], opened + [.requested], opened + [middle], opened + [end],
        opened + [start, whole], opened + [start, start],
        opened + [.closeReceived, whole], opened + [.closeReceived, .closeReceived], opened + [.closeReceived, .writable],
        opened + [.closeAsked, whole], opened + [.closeAsked, .writable], opened + [.closeAsked, .pongReceived],
        opened + [.framingFailed, whole], opened + [.framingFailed, .framingFailed],
        opened + [.transportEnded, .transportEnded], opened + [.transportEnded, whole],
        [.transportEnded, .requested], [.transportEnded, .closeAsked],
    ]

    @Test(arguments: conversations) func aConversationIsLegal(_ calls: [Call]) {
        var grammar = TransportGrammar()
        for call in calls {
            let isLegal = grammar.take(call)
            #expect(isLegal, "\(call)")
        }
        #expect(grammar.phase == .ended)
    }

    /// The last call of each is the breach.
    @Test(arguments: breaches) func aBreachIsSeenAndChangesNothing(_ calls: [Call]) throws {
        var grammar = TransportGrammar()
        for call in calls.dropLast() {
            let isLegal = grammar.take(call)
            #expect(isLegal, "\(call)")
        }
        let before = grammar
        let isLegal = grammar.take(try #require(calls.last))
        #expect(!isLegal)
        #expect(grammar == before)
    }
}
