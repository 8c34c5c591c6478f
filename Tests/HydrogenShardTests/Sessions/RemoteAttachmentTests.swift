import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// Sessions whose connection is on another loop than their home.
@Suite struct RemoteAttachmentTests {
    private let world = DeliveryWorld(.init(window: 3), loopCount: 3)

    /// A session of loop 0 with a subscription to everything, resumed on another loop.
    private func remote(loop: Int = 1) throws -> TestClient {
        let first = try self.world.connect()
        try self.world.subscribe(first)
        self.world.lose(first)
        return try self.world.resume(first, offset: 0, loop: loop).0
    }

    private func command(_ client: TestClient, _ channel: String, _ action: String, _ data: String = "{}") -> [String] {
        self.world.server.send(TestServer.command(channel, action, data), on: client.id, loop: client.loop)
    }

    @Test(arguments: 0..<3)
    func eventsComeInOrderWhereverTheyArePublished(_ loop: Int) throws {
        let publisher = try self.world.connect(loop: loop)
        let client = try self.remote()
        self.world.publish([1, 2], by: publisher)
        self.world.publish([3], by: publisher, #""guaranteed":false,"priority":"high""#)
        self.world.publish([4, 5], by: publisher)
        let events = self.world.take(client)
        #expect(events.map(\.number) == [1, 2, 3, 4] && events.map(\.offset) == [1, 2, 0, 3])
        #expect(self.world.ack(client, id: events[0].id).map(\.offset) == [4])
        #expect(self.world.ack(client, offset: 4) == [])
        #expect(self.world.count(.acked) == 4 && self.world.isLawKept && self.world.arePlacesFree)
        #expect(self.world.count(.sent) == 5)
    }

    @Test func anAckTimeoutRunsFromTheWriteOnTheOtherLoop() throws {
        let world = DeliveryWorld(.init(ackTimeout: .seconds(5), maxAttempts: 2), loopCount: 2)
        let publisher = try world.connect()
        let first = try world.connect()
        try world.subscribe(first)
        world.lose(first)
        let (client, _) = try world.resume(first, offset: 0, loop: 1)
        world.publish([1], by: publisher)
        #expect(world.take(client).map(\.attempt) == [1])
        world.advance(by: .seconds(5), short: true)
        #expect(world.take(client) == [])
        world.advance(by: Interval(nanoseconds: 1))
        #expect(world.take(client).map(\.attempt) == [2])
        world.advance(by: .seconds(10))
        #expect(world.take(client).map(\.gap) == [1...1] && world.count(.dead) == 1)
    }

    @Test func commandsForTheSessionAreCarriedOutAtItsHome() throws {
        let publisher = try self.world.connect(loop: 2)
        let client = try self.remote()
        #expect(self.command(client, "system", "whoami")[0].contains(client.session.id))
        #expect(self.command(client, "print", "subscribe", #"{"topic":"y"}"#)[0].contains("sub-2"))
        #expect(self.command(client, "print", "subscribe", #"{"topic":"y"}"#)[0].contains("sub-2"))
        #expect(self.command(client, "print", "subscribe", #"{"topic":"z"}"#)[0].contains("sub-3"))
        #expect(self.command(client, "print", "subscribe", #"{"topic":"w"}"#)[0].contains(#""code":"conflict""#))
        #expect(self.command(client, "print", "subscribe", #"{"topic":"*x"}"#)[0].contains(#""code":"invalid_data""#))
        #expect(self.command(client, "print", "unsubscribe", #"{"topic":"**"}"#)[0].contains(#""removed":1"#))
        self.world.publish([1], by: publisher)
        #expect(self.world.take(client) == [])
        self.world.server.send(
            TestServer.command("print", "publish", #"{"action":"y","data":{"n":2},"retain":true}"#), on: publisher.id,
            loop: 2)
        #expect(self.world.take(client).map(\.number) == [2])
        let answer = self.command(client, "print", "subscribe", #"{"topic":"y","priority":"low"}"#)
        #expect(answer.count == 2 && ReceivedEvent(answer[1])?.isRetained == true, "the response, then what is retained")
        #expect(SessionData(self.command(client, "system", "refresh")[0]).token.hasPrefix("hs_"))
        #expect(self.command(client, "system", "resume", #"{"session":"s0-a","token":"t","offset":0}"#)[0].contains("conflict"))
    }

    @Test func tokensAreGoodOnTheOtherLoopAndEndAtTheHome() throws {
        for loop in 0..<3 {
            self.world.server.shards[loop].shard.deliver(
                .policy(ShardPolicy(requiresMessageToken: true, allowedOrigins: nil, maxProtocolErrors: 30)),
                at: self.world.server.now)
        }
        func send(_ action: String, _ token: String, on client: TestClient, _ data: String = "{}") -> String {
            self.world.server.send(
                #"{"type":"command","id":"c","channel":"system","action":"\#(action)","data":\#(data),"auth":{"token":"\#(token)"}}"#,
                on: client.id, loop: client.loop)[0]
        }
        func resume(_ session: SessionData, on client: TestClient) -> String {
            send(
                "resume", TestServer.token, on: client,
                #"{"session":"\#(session.id)","token":"\#(session.token)","offset":0}"#)
        }
        let first = try self.world.connect()
        let second = try self.world.connect(loop: 1)
        var session = first.session
        session.token = SessionData(resume(first.session, on: second)).token
        #expect(send("ping", first.session.token, on: second).contains("ok"), "the successor has not arrived")
        #expect(send("ping", session.token, on: second).contains("ok"))
        #expect(send("ping", first.session.token, on: second).contains("invalid"))
        let third = try self.world.connect(loop: 2)
        #expect(resume(first.session, on: third).contains(#""code":"session""#), "its home knows that it has ended")
        let next = SessionData(send("refresh", session.token, on: second)).token
        #expect(send("ping", session.token, on: second).contains("ok") && send("ping", next, on: second).contains("ok"))
        session.token = next
        #expect(resume(session, on: third).contains(#""resumed":true"#))
        #expect(self.world.server.closeCodes == [.sessionTakenOver, .sessionTakenOver])
    }

    @Test(arguments: [0, 1, 2], [0, 1, 2])
    func aSessionIsTakenOverFromAnyLoopByAnyLoop(_ from: Int, _ to: Int) throws {
        let publisher = try self.world.connect()
        let client = try self.remote(loop: from)
        self.world.publish([1, 2], by: publisher)
        #expect(self.world.take(client).map(\.offset) == [1, 2])
        let (next, replay) = try self.world.resume(client, offset: 1, loop: to)
        #expect(replay.map(\.offset) == [2] && replay.map(\.attempt) == [2])
        #expect(self.world.server.closeCodes == [.sessionTakenOver])
        self.world.publish([3], by: publisher)
        #expect(self.world.take(next).map(\.offset) == [3] && self.world.take(client) == [])
        // What the old connection still says changes nothing.
        self.world.server.end(client.id, loop: from, code: 1000)
        #expect(self.world.server.sum { $0.sessions[ShardMetrics.SessionState.live.rawValue] } == 2)
        #expect(self.world.ack(next, offset: 3) == [] && self.world.count(.acked) == 3 && self.world.arePlacesFree)
    }

    @Test(arguments: [1000, 1001, nil] as [UInt16?])
    func theEndOfTheConnectionIsKnownAtTheHome(_ code: UInt16?) throws {
        let client = try self.remote()
        let publisher = try self.world.connect()
        self.world.publish([1], by: publisher)
        self.world.server.end(client.id, loop: 1, code: code)
        #expect(self.world.server.sum { $0.sessions[0] } == 1)
        #expect(self.world.server.sum { $0.sessions[1] } == (code == 1000 ? 0 : 1))
        #expect(self.world.count(.expired) == (code == 1000 ? 1 : 0) && self.world.isLawKept)
        #expect(self.world.server.sum { $0.subscriptions[1] } == (code == 1000 ? 0 : 1))
    }

    @Test func aConnectionThatDiesWhileItAsksLeavesTheSessionDetached() throws {
        let first = try self.world.connect()
        self.world.lose(first)
        let second = try self.world.connect(loop: 1)
        self.world.server.holdMail()
        self.world.server.send(SessionsTests.resume(first.session), on: second.id, loop: 1)
        self.world.server.end(second.id, loop: 1)
        self.world.server.releaseMail()
        #expect(self.world.server.sum { $0.sessions[0] } == 0 && self.world.server.sum { $0.sessions[1] } == 2)
        #expect(try self.world.resume(first, offset: 0, loop: 2).1 == [])
    }

    @Test func untilTheHomeHasAnsweredOtherCommandsAreBusy() throws {
        let first = try self.world.connect()
        self.world.lose(first)
        let second = try self.world.connect(loop: 1)
        self.world.server.holdMail()
        #expect(self.command(second, "system", "resume", #"{"session":"s0-x","token":"t","offset":0}"#) == [])
        for (channel, action) in [("print", "subscribe"), ("print", "publish"), ("system", "refresh"), ("file", "list")] {
            #expect(self.command(second, channel, action, #"{"topic":"a","action":"a"}"#)[0].contains(#""code":"busy""#))
        }
        #expect(self.command(second, "system", "ping")[0].contains("ok"))
        #expect(self.command(second, "system", "whoami")[0].contains(second.session.id))
        self.world.server.releaseMail()
        #expect(self.world.server.take(second.id, loop: 1)[0].contains(#""code":"session""#))
        #expect(self.command(second, "print", "subscribe", #"{"topic":"a"}"#)[0].contains("sub-1"))
    }

    @Test func withoutAPlaceInTheMailboxMessagesWaitAndNothingGuaranteedIsLost() throws {
        let publisher = try self.world.connect()
        let client = try self.remote()
        let places = 1024
        #expect(self.world.server.places.reserve(places, of: .sessions, at: 1))
        self.world.publish([1, 2], by: publisher)
        self.world.publish([3], by: publisher, #""guaranteed":false"#)
        #expect(self.world.take(client) == [])
        self.world.server.places.release(places, of: .sessions, at: 1)
        self.world.advance(by: LinkTable.pause)
        #expect(self.world.take(client).map(\.number) == [1, 2, 3])
    }

    @Test func keysThatAreRevokedCloseTheConnectionAndEndTheSession() throws {
        let client = try self.remote()
        let revoked = TestServer.grant("tester", token: TestServer.token, isRevoked: true)
        for loop in 0..<3 {
            self.world.server.shards[loop].shard.deliver(
                .keys(KeyRing(grants: [revoked], anonymous: nil)), at: self.world.server.now)
        }
        self.world.server.turn()
        #expect(self.world.server.closeCodes == [.keyEnded])
        self.world.server.end(client.id, loop: 1, code: 4401)
        #expect(self.world.server.sum { $0.sessions[0] } == 0 && self.world.server.sum { $0.sessions[1] } == 0)
    }
}
