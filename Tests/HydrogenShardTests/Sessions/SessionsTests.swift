import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// Sessions that outlive their connection, on one loop.
@Suite struct SessionsTests {
    private let server = TestServer(SessionsTests.configuration(), others: ["bob"])

    static func configuration(window: Interval = .seconds(120), maxDetached: Int = 10) -> ShardConfiguration {
        var configuration = TestServer.configuration()
        configuration.maxConnections = 100
        configuration.sessions = SessionSettings(resumeWindow: window, maxDetached: maxDetached)
        return configuration
    }

    static func resume(_ session: SessionData, offset: Int = 0) -> String {
        TestServer.command(
            "system", "resume", #"{"session":"\#(session.id)","token":"\#(session.token)","offset":\#(offset)}"#)
    }

    private func states(_ server: TestServer) -> [Int64] {
        ShardMetrics.SessionState.allCases.map { state in server.sum { $0.sessions[state.rawValue] } }
    }

    @Test func aSessionGoesOnWithItsSubscriptions() throws {
        let (first, session) = try #require(self.server.open())
        self.server.send(TestServer.command("print", "subscribe", #"{"topic":"a"}"#), on: first)
        self.server.end(first)
        #expect(self.states(self.server) == [0, 1])
        let (second, fresh) = try #require(self.server.open())
        let answer = self.server.send(Self.resume(session), on: second)
        #expect(answer.count == 1 && answer[0].contains(#""resumed":true"#) && answer[0].contains(#""pending":0"#))
        #expect(SessionData(answer[0]).token != session.token && fresh.id != session.id)
        #expect(self.states(self.server) == [1, 0])
        let events = self.server.send(TestServer.command("print", "publish", #"{"action":"a"}"#), on: second)
        #expect(events.count == 2)
        #expect(self.server.send(TestServer.command("system", "whoami"), on: second)[0].contains(session.id))
    }

    @Test func aLiveSessionIsTakenOver() throws {
        let (first, session) = try #require(self.server.open())
        let (second, _) = try #require(self.server.open())
        #expect(self.server.send(Self.resume(session), on: second)[0].contains(#""resumed":true"#))
        #expect(self.server.closeCodes == [.sessionTakenOver])
        self.server.end(first, code: 4409)
        #expect(self.states(self.server) == [1, 0])
        #expect(self.server.sum { $0.sessionsResumed[ShardMetrics.ResumeOutcome.takenOver.rawValue] } == 1)
    }

    @Test func onlyACloseWith1000EndsASession() throws {
        for code: UInt16? in [1000, nil, 1001, 4000] {
            let server = TestServer(Self.configuration())
            let (id, session) = try #require(server.open())
            server.end(id, code: code)
            #expect(self.states(server) == (code == 1000 ? [0, 0] : [0, 1]), "\(code ?? 0)")
            let (next, _) = try #require(server.open())
            #expect(server.send(Self.resume(session), on: next)[0].contains("authentication") == (code == 1000))
        }
    }

    @Test func anotherIdentityAWrongTokenOrAnUnknownIdAreRefusedAlike() throws {
        let (first, session) = try #require(self.server.open())
        self.server.end(first)
        let (bob, _) = try #require(self.server.open(token: "hk_bob"))
        let (tester, _) = try #require(self.server.open())
        var (wrongToken, wrongID) = (session, session)
        wrongToken.token += "x"
        for id in ["s0-x", "s7-\(session.id)", "", "s", "s-", "x", "s0", String(session.id.dropLast())] {
            wrongID.id = id
            #expect(self.server.send(Self.resume(wrongID), on: tester)[0].contains(#""code":"session""#), "\(id)")
        }
        #expect(self.server.send(Self.resume(session), on: bob)[0].contains(#""code":"session""#))
        #expect(self.server.send(Self.resume(wrongToken), on: tester)[0].contains(#""code":"session""#))
        #expect(self.server.send(Self.resume(session, offset: 1), on: tester)[0].contains(#""code":"invalid_data""#))
        #expect(self.server.send(Self.resume(session), on: tester)[0].contains(#""resumed":true"#))
        #expect(self.server.sum { $0.sessionsResumed[ShardMetrics.ResumeOutcome.refused.rawValue] } == 11)
    }

    @Test(arguments: [
        "{}", #"{"session":"s0-a"}"#, #"{"session":"s0-a","token":"t"}"#, #"{"session":1,"token":"t","offset":0}"#,
        #"{"session":"s0-a","token":"t","offset":-1}"#, #"{"session":"s0-a","token":"t","offset":0.5}"#,
        #"{"session":"s0-a","token":null,"offset":0}"#,
    ])
    func badDataIsInvalid(_ data: String) throws {
        let (id, _) = try #require(self.server.open())
        #expect(self.server.send(TestServer.command("system", "resume", data), on: id)[0].contains("invalid_data"))
    }

    @Test(arguments: [
        ("print", "subscribe", #"{"topic":"a"}"#), ("print", "publish", #"{"action":"a"}"#),
    ])
    func resumeAfterUseOfTheFreshSessionIsAConflict(_ channel: String, _ action: String, _ data: String) throws {
        let (first, session) = try #require(self.server.open())
        self.server.end(first)
        let (second, _) = try #require(self.server.open())
        self.server.send(TestServer.command(channel, action, data), on: second)
        #expect(self.server.send(Self.resume(session), on: second)[0].contains(#""code":"conflict""#))
    }

    @Test func aSecondResumeOnAConnectionIsAConflict() throws {
        let (first, session) = try #require(self.server.open())
        self.server.end(first)
        let (second, _) = try #require(self.server.open())
        let answer = self.server.send(Self.resume(session), on: second)
        var again = session
        again.token = SessionData(answer[0]).token
        #expect(self.server.send(Self.resume(again), on: second)[0].contains(#""code":"conflict""#))
    }

    @Test func theTokenUsedToAskStaysGoodUntilItsSuccessorArrives() throws {
        let (first, session) = try #require(self.server.open())
        self.server.end(first)
        // The answer is lost twice.
        for _ in 0..<2 {
            let (lost, _) = try #require(self.server.open())
            #expect(self.server.send(Self.resume(session), on: lost)[0].contains(#""resumed":true"#))
            self.server.end(lost)
        }
        let (second, _) = try #require(self.server.open())
        var next = session
        next.token = SessionData(self.server.send(Self.resume(session), on: second)[0]).token
        self.server.end(second)
        // Its successor arrives, and the old one ends.
        let (third, _) = try #require(self.server.open())
        #expect(self.server.send(Self.resume(next), on: third)[0].contains(#""resumed":true"#))
        self.server.end(third)
        let (fourth, _) = try #require(self.server.open())
        #expect(self.server.send(Self.resume(session), on: fourth)[0].contains(#""code":"session""#))
    }

    @Test func aSessionExpiresAfterItsWindowAndNotBefore() throws {
        let (first, session) = try #require(self.server.open())
        self.server.end(first)
        self.server.advance(by: Interval(nanoseconds: Interval.seconds(120).nanoseconds - 1))
        #expect(self.states(self.server) == [0, 1])
        self.server.advance(by: Interval(nanoseconds: 1))
        #expect(self.states(self.server) == [0, 0])
        let (second, _) = try #require(self.server.open())
        #expect(self.server.send(Self.resume(session), on: second)[0].contains(#""code":"session""#))
        self.server.end(second, code: 1000)
        #expect(self.states(self.server) == [0, 0])
    }

    @Test func withoutAWindowASessionEndsWithItsConnection() throws {
        let server = TestServer(Self.configuration(window: .zero))
        server.end(try #require(server.connect()))
        #expect(self.states(server) == [0, 0])
    }

    /// The bound is one over all loops, and the longest detached goes first, wherever it is.
    @Test(arguments: 0...3, 1...3)
    func theLongestDetachedExpiresFirst(_ maximum: Int, _ loopCount: Int) throws {
        let server = TestServer(loopCount: loopCount, Self.configuration(maxDetached: maximum))
        var sessions: [SessionData] = []
        for count in 1...maximum + 2 {
            let loop = count % loopCount
            let (id, session) = try #require(server.open(loop: loop))
            server.end(id, loop: loop)
            sessions.append(session)
            server.advance(by: .milliseconds(1))
            #expect(self.states(server) == [0, Int64(min(count, maximum))])
        }
        #expect(server.ledger.detached == maximum)
        for (index, session) in sessions.enumerated() {
            let loop = (index + 1) % loopCount
            let id = try #require(server.connect(loop: loop))
            let answer = server.send(Self.resume(session), on: id, loop: loop)
            #expect(answer[0].contains(#""resumed":true"#) == (index >= 2))
        }
        #expect(server.ledger.detached == 0)
    }

    @Test func keysOfAnIdentityKeepItsDetachedSessions() throws {
        let (first, session) = try #require(self.server.open())
        self.server.end(first)
        func replaceKeys(by grants: [Grant]) {
            self.server.shards[0].shard.deliver(.keys(KeyRing(grants: grants, anonymous: nil)), at: self.server.now)
            self.server.turn()
        }
        let revoked = TestServer.grant("tester", token: TestServer.token, isRevoked: true)
        replaceKeys(by: [revoked, TestServer.grant("tester", token: "hk_new")])
        #expect(self.states(self.server) == [0, 1])
        let (second, _) = try #require(self.server.open(token: "hk_new"))
        #expect(self.server.send(Self.resume(session), on: second)[0].contains(#""resumed":true"#))
        self.server.end(second)
        replaceKeys(by: [revoked])
        #expect(self.states(self.server) == [0, 0])
    }

    @Test func refreshGivesATokenAndProlongsTheConnection() throws {
        let server = TestServer(Self.configuration())
        let soon = WallTime(milliseconds: server.now.wall.milliseconds + 10_000)
        let keys = KeyRing(
            grants: [
                TestServer.grant("tester", token: TestServer.token, expires: soon),
                TestServer.grant("tester", token: "hk_next"), TestServer.grant("bob", token: "hk_bob"),
            ], anonymous: nil)
        server.shards[0].shard.deliver(.keys(keys), at: server.now)
        let (id, session) = try #require(server.open())
        let refreshed = server.send(TestServer.command("system", "refresh", "{}"), on: id)
        #expect(SessionData(refreshed[0]).token.hasPrefix("hs_") && SessionData(refreshed[0]).token != session.token)
        for (data, code) in [
            (#"{"key":1}"#, "invalid_data"), (#"{"key":"hk_wrong"}"#, "invalid"), (#"{"key":"hk_bob"}"#, "invalid"),
        ] {
            #expect(server.send(TestServer.command("system", "refresh", data), on: id)[0].contains(#""code":"\#(code)""#))
        }
        #expect(server.send(TestServer.command("system", "refresh", #"{"key":"hk_next"}"#), on: id)[0].contains("hs_"))
        server.now.wall.milliseconds += 20_000
        server.advance(by: .seconds(20))
        #expect(server.closeCodes.isEmpty)
    }

    @Test func aTokenMayBeUsedWhereItIsRequired() throws {
        let server = TestServer(Self.configuration())
        server.shards[0].shard.deliver(
            .policy(ShardPolicy(requiresMessageToken: true, allowedOrigins: nil, maxProtocolErrors: 3)), at: server.now)
        let (id, session) = try #require(server.open())
        func ping(_ token: String) -> Bool {
            let text = #"{"type":"command","id":"c","channel":"system","action":"ping","auth":{"token":"\#(token)"}}"#
            return server.send(text, on: id)[0].contains(#""status":"ok""#)
        }
        let refresh =
            #"{"type":"command","id":"c","channel":"system","action":"refresh","auth":{"token":"\#(session.token)"}}"#
        let next = SessionData(server.send(refresh, on: id)[0]).token
        #expect(ping(session.token) && ping(TestServer.token) && ping(session.token))
        #expect(ping(next) && !ping(session.token) && ping(next))
    }
}
