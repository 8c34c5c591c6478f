import HydrogenProtocol
import HydrogenThreads
import Testing

@testable import HydrogenServices

@Suite struct ReplyTests {
    let outcomes = Collector<ServiceAnswer.Outcome>()

    func makeReply(maximumDataBytes: Int = 1000) -> Reply {
        Reply(maximumDataBytes: maximumDataBytes) { [outcomes] in outcomes.append($0) }
    }

    struct Point: Encodable { var x = 1, path = "a/b" }

    @Test func valueIsEncodedAsObject() {
        self.makeReply().succeed(["path": "a/b"])
        self.makeReply().succeed()
        self.makeReply().succeed(json: Array(" {\"n\":[1,null]}\n".utf8))
        #expect(self.outcomes.all.map(\.json) == ["{\"path\":\"a/b\"}", "{}", " {\"n\":[1,null]}\n"])
    }

    @Test(arguments: ServiceErrorCode.allCases) func failureNamesItsCode(_ code: ServiceErrorCode) {
        self.makeReply().fail(code, "why")
        #expect(self.outcomes.all == [.failure(code.errorCode, details: "why")])
        #expect(code.errorCode.qualifiedName == "application.\(code.rawValue)")
    }

    func drop(_ reply: consuming Reply) {}

    @Test func droppedReplyFails() {
        self.drop(self.makeReply())
        #expect(self.outcomes.all.map(\.code) == [.failed])
    }

    @Test func answeredReplyIsSilentAtItsEnd() {
        do {
            let reply = self.makeReply()
            reply.fail(.conflict)
        }
        #expect(self.outcomes.all == [.failure(.conflict, details: "")])
    }

    @Test(arguments: [
        "[1]", "1", "", "{", "{}{}", "{\"a\":}", "null", "\u{feff}{}", "{\"a\":\"\u{0}\"}", "{\"a\":\"\u{1}\"}", "{'a':1}",
    ])
    func textThatIsNoObjectFails(_ text: String) {
        self.makeReply().succeed(json: Array(text.utf8))
        #expect(self.outcomes.all.map(\.code) == [.failed])
    }

    @Test(arguments: [
        [0x7b, 0x00, 0x7d, 0x00], [0x00, 0x7b, 0x00, 0x7d], [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00],
        [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d],
    ] as [[UInt8]])
    func otherEncodingsFail(_ bytes: [UInt8]) {
        self.makeReply().succeed(json: bytes)
        #expect(self.outcomes.all.map(\.code) == [.failed])
    }

    @Test func valueThatIsNoObjectFails() {
        self.makeReply().succeed([1, 2])
        self.makeReply().succeed("text")
        self.makeReply().succeed(["a": Double.nan])
        #expect(self.outcomes.all.map(\.code) == [.failed, .failed, .failed])
    }

    @Test(arguments: [(19, true), (20, true), (21, false)])
    func dataIsBounded(_ count: Int, _ fits: Bool) {
        let text = "{\"a\":\"" + String(repeating: "x", count: count - 8) + "\"}"
        self.makeReply(maximumDataBytes: 20).succeed(json: Array(text.utf8))
        #expect(self.outcomes.all.map(\.code) == [fits ? nil : .failed])
    }

    @Test func deferredReplyTakesTheFirstAnswer() {
        let reply = self.makeReply().deferred()
        #expect(reply.succeed(["a": 1]))
        #expect(!reply.fail(.busy))
        #expect(!reply.succeed())
        #expect(self.outcomes.all.map(\.json) == ["{\"a\":1}"])
    }

    @Test func deferredReplyThatIsDroppedFails() {
        do {
            let reply = self.makeReply().deferred()
            _ = reply
        }
        #expect(self.outcomes.all.map(\.code) == [.failed])
    }

    @Test func oneOfManyThreadsAnswers() throws {
        for _ in 0..<50 {
            let before = self.outcomes.all.count
            let reply = self.makeReply().deferred()
            let gate = Gate()
            let wins = Collector<Bool>()
            let threads = try (0..<4).map { _ in
                try SystemThread {
                    gate.pass()
                    wins.append(reply.succeed())
                }
            }
            gate.open()
            for thread in threads { thread.join() }
            #expect(wins.all.count { $0 } == 1)
            #expect(self.outcomes.all.count == before + 1)
        }
    }
}
