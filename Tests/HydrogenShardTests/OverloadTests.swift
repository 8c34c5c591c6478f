import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// The bound of everything that a loop holds for its peers.
@Suite struct OverloadTests {
    /// 16 times `maxSendQueueBytes`, which is 2,048.
    static let bound = 32_768

    private func server(loopCount: Int = 1) -> TestServer {
        var configuration = TestServer.configuration()
        configuration.maxConnections = 40
        configuration.maxHandshakes = 400
        return TestServer(loopCount: loopCount, configuration)
    }

    /// The first part of a message, of so many bytes.
    private func begin(_ byteCount: Int, on id: ConnectionID, of server: TestServer, isFirst: Bool = true) {
        let bytes = [UInt8](repeating: UInt8(ascii: " "), count: byteCount)
        server.shards[0].shard.received(
            bytes.span, Fragment(isBinary: false, isFirst: isFirst, isLast: false), on: id, at: server.now)
        server.turn()
    }

    private func held(_ server: TestServer) -> Int { server.shards[0].shard.occupancy.heldByteCount }

    @Test(arguments: [(100, 1, 16), (1_000, 1, 62), (1_000, 4, 16), (10_000, 4, 156)])
    func theBoundFollowsTheConfiguration(_ connections: Int, _ loops: Int, _ queues: Int) {
        var configuration = TestServer.configuration()
        configuration.maxConnections = connections
        #expect(configuration.maximumHeldByteCount(loopCount: loops) == queues * 2048)
    }

    /// 32 messages of 1,024 bytes that are not whole are the bound, less or more one byte.
    @Test(arguments: [(1_023, 0), (1_024, 0), (1_025, 1)])
    func theYoungestGoesBeyondTheBound(_ last: Int, _ closedCount: Int) throws {
        let server = self.server()
        let ids = try (0..<33).map { _ in
            server.now.instant = server.now.instant + .milliseconds(1)
            return try #require(server.connect())
        }
        // The youngest begins first: age counts, and not who was the last to send.
        self.begin(1_024, on: ids[32], of: server)
        for id in ids[1..<31] { self.begin(1_024, on: id, of: server) }
        #expect(self.held(server) == Self.bound - 1_024)
        if last <= 1_024 {
            self.begin(last, on: ids[0], of: server)
        } else {
            self.begin(1_024, on: ids[0], of: server)
            self.begin(last - 1_024, on: ids[31], of: server)
        }
        #expect(server.closeCodes == Array(repeating: .overload, count: closedCount))
        #expect(server.closed.allSatisfy { $0.id == ids[32] })
        #expect(self.held(server) == Self.bound - 1_024 + last - closedCount * 1_024)
        // The others are served as before.
        let rest = Array(TestServer.command("system", "ping").utf8)
        let fragment = Fragment(isBinary: false, isFirst: closedCount == 0, isLast: true)
        server.shards[0].shard.received(rest.span, fragment, on: ids[31], at: server.now)
        server.turn()
        #expect(server.take(ids[31]).count == 1)
    }

    @Test func whatWaitsForSlowReadersCountsAndGoes() throws {
        let server = self.server()
        let publisher = try #require(server.connect())
        var slow: [ConnectionID] = []
        for _ in 0..<30 {
            server.now.instant = server.now.instant + .milliseconds(1)
            let id = try #require(server.connect())
            server.send(TestServer.command("print", "subscribe", #"{"topic":"**"}"#), on: id)
            slow.append(id)
        }
        server.choked = Set(slow)
        let data = String(repeating: "x", count: 300)
        for _ in 0..<4 {
            server.send(TestServer.command("print", "publish", #"{"action":"x","data":{"p":"\#(data)"}}"#), on: publisher)
        }
        let shard = server.shards[0].shard.occupancy
        #expect(shard.heldByteCount <= Self.bound)
        #expect(Int64(shard.heldByteCount) == server.sum { $0.sendQueueBytes[0] })
        let shed = Set(server.closed.map(\.id))
        #expect(!shed.isEmpty && server.closed.allSatisfy { $0.code == .overload })
        #expect(shed == Set(slow.suffix(shed.count)), "the youngest")
        #expect(server.sum { $0.errors[Int(ErrorCode.connectionOverload.rawValue)] } == Int64(shed.count))
        // One that stays gets all of it; one that goes got nothing but its close frame.
        server.take(slow[0])
        server.unchoke(slow[0])
        #expect(server.take(slow[0]).count == 4)
        let last = try #require(slow.last)
        server.unchoke(last)
        #expect(server.take(last).isEmpty)
    }

    /// Who is in the middle of a message, however young, does not go for those who hold much.
    @Test func whoHoldsLittleStays() throws {
        let server = self.server()
        let ids = try (0..<34).map { _ in
            server.now.instant = server.now.instant + .milliseconds(1)
            return try #require(server.connect())
        }
        self.begin(10, on: ids[33], of: server)
        for id in ids[0..<32] { self.begin(1_024, on: id, of: server) }
        #expect(server.closed.map(\.id) == [ids[31]])
        #expect(self.held(server) == Self.bound - 1_024 + 10)
    }

    /// All of it is given back, however a connection ends.
    @Test func nothingIsHeldForWhoIsGone() throws {
        let server = self.server()
        let publisher = try #require(server.connect())
        let slow = try #require(server.connect())
        server.send(TestServer.command("print", "subscribe", #"{"topic":"**"}"#), on: slow)
        server.choked = [slow]
        server.send(TestServer.command("print", "publish", #"{"action":"x","data":{}}"#), on: publisher)
        self.begin(100, on: slow, of: server)
        #expect(self.held(server) > 100)
        server.shards[0].shard.transportEnded(slow, .lost, at: server.now)
        server.turn()
        #expect(self.held(server) == 0)
        self.begin(1_024, on: publisher, of: server)
        self.begin(1, on: publisher, of: server, isFirst: false)
        #expect(server.closeCodes == [.messageTooLarge])
        #expect(self.held(server) == 0)
    }
}
