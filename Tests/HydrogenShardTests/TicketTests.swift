import HydrogenCrypto
import HydrogenProtocol
import Testing

@testable import HydrogenShard

@Suite struct TicketTests {
    private static func ticket(_ number: UInt64, until: Instant, issuer: String = TestServer.token) -> Ticket {
        Ticket(
            number: number, digest: SHA256.hash(Array("ht_\(number)".utf8).span), identity: "page",
            permissions: ["print:subscribe"].compactMap { PermissionPattern($0) },
            issuer: SHA256.hash(Array(issuer.utf8).span), redeemBefore: until, lifetime: .seconds(60))
    }

    private static func give(_ ticket: Ticket, to server: TestServer) {
        for loop in server.shards.indices where server.places.reserve(of: .events, at: loop) {
            server.shards[loop].shard.deliver(.ticket(ticket, answer: {}), at: server.now)
        }
        server.turn()
    }

    /// nil if it is let in; else the status.
    private static func redeem(_ text: String, _ server: TestServer, loop: Int = 0) throws -> Int? {
        let accepted = server.shards[loop].shard.accepted(TestServer.localhost, at: server.now)
        let id = try #require(accepted)
        var request = server.request()
        request.authorization = nil
        request.subprotocols = "hydrogen-protocol, hydrogen.ticket.\(text)"
        switch server.shards[loop].shard.requested(request, on: id, at: server.now) {
        case .accept:
            server.shards[loop].shard.upgraded(id, at: server.now)
            server.turn()
            return nil
        case .refuse(let refusal): return refusal.status
        case .drop: return 0
        }
    }

    @Test(arguments: [0, 1], [0, 1])
    func itLetsInOnceOverAllLoops(_ first: Int, _ second: Int) throws {
        let server = TestServer(loopCount: 2)
        Self.give(Self.ticket(1, until: server.now.instant + .seconds(30)), to: server)
        #expect(try Self.redeem("ht_2", server, loop: first) == 401)
        #expect(try Self.redeem("ht_1", server, loop: first) == nil)
        #expect(try Self.redeem("ht_1", server, loop: second) == 401)
    }

    @Test(arguments: [(29_999, true), (30_000, false)])
    func itIsGoodForItsTime(_ milliseconds: Int64, _ isGood: Bool) throws {
        let server = TestServer()
        Self.give(Self.ticket(1, until: server.now.instant + .seconds(30)), to: server)
        server.advance(by: .milliseconds(milliseconds))
        #expect(try (Self.redeem("ht_1", server) == nil) == isGood)
    }

    @Test func itNeedsAnIssuerThatIsGood() throws {
        let server = TestServer()
        Self.give(Self.ticket(1, until: server.now.instant + .seconds(30), issuer: "hk_nobody"), to: server)
        #expect(try Self.redeem("ht_1", server) == 401)
    }

    @Test func aTableForgetsWhatHasEnded() {
        var table = TicketTable()
        for number in 1...3 {
            table.insert(Self.ticket(UInt64(number), until: Instant(nanoseconds: Int64(number) * 10)), at: Instant(nanoseconds: 0))
        }
        #expect(table.count == 3)
        table.insert(Self.ticket(4, until: Instant(nanoseconds: 40)), at: Instant(nanoseconds: 20))
        #expect(table.count == 2)
        let found = table.find("ht_2".utf8.span, at: Instant(nanoseconds: 0))
        #expect(found == nil)
    }

    @Test func aTableIsBounded() {
        var table = TicketTable()
        let until = Instant(nanoseconds: 10)
        for number in 1..<Ticket.maximumCount { table.insert(Self.ticket(UInt64(number), until: until), at: Instant(nanoseconds: 0)) }
        for _ in 0..<2 {
            let number = UInt64(table.count + 1)
            table.insert(Self.ticket(number, until: until), at: Instant(nanoseconds: 0))
            #expect(table.count == Ticket.maximumCount)
        }
    }

    @Test func usedTicketsAreNotMistakenForOthers() {
        var used = UsedTickets()
        for number in 1...UInt64(Ticket.maximumCount) where !used.use(number) { Issue.record("\(number) was not used") }
        for number in 1...UInt64(Ticket.maximumCount) where used.use(number) { Issue.record("\(number) twice") }
        let isNew = used.use(UInt64(UsedTickets.size) + 1)
        #expect(isNew)
    }

    @Test func theListsGoOnWhereTheyEnded() throws {
        let server = TestServer()
        let ids = (0..<3).compactMap { _ in server.connect() }
        let shard = { (page: DescriptionPage) in server.shards[0].shard.describeConnections(page).map(\.id) }
        #expect(shard(DescriptionPage()) == ids)
        #expect(shard(DescriptionPage(maximumCount: 2)) == Array(ids.prefix(2)))
        #expect(shard(DescriptionPage(firstSlot: 2, maximumCount: 2)) == [ids[2]])
        #expect(shard(DescriptionPage(firstSlot: 9)) == [] && shard(DescriptionPage(maximumCount: 0)) == [])
        let sessions = server.shards[0].shard.describeSessions(DescriptionPage())
        #expect(sessions.count == 3 && sessions.allSatisfy { $0.isLive && $0.identity == "tester" })
        let rest = server.shards[0].shard.describeSessions(DescriptionPage(firstSlot: 2, afterSession: sessions[0].id))
        #expect(rest.map(\.id) == sessions.dropFirst().map(\.id), "the session counts, while it is there")
        let behind = server.shards[0].shard.describeSessions(DescriptionPage(firstSlot: 2, afterSession: "s0-gone"))
        #expect(behind.map(\.id) == [sessions[2].id])
    }

    /// Also a connection without a session ends with its key.
    @Test func anEchoConnectionEndsWithItsKey() throws {
        var configuration = TestServer.configuration()
        configuration.offersEcho = true
        let server = TestServer(configuration)
        let expiry = WallTime(milliseconds: server.now.wall.milliseconds + 5_000)
        let grants = [TestServer.grant("tester", token: TestServer.token, expires: expiry)]
        #expect(server.places.reserve(of: .control, at: 0))
        server.shards[0].shard.deliver(.keys(KeyRing(grants: grants, anonymous: nil)), at: server.now)
        _ = try #require(server.connect(subprotocol: "echo"))
        for _ in 0..<4 {
            server.now.wall = WallTime(milliseconds: server.now.wall.milliseconds + 1_000)
            server.advance(by: .seconds(1))
        }
        #expect(server.closeCodes.isEmpty)
        server.now.wall = WallTime(milliseconds: server.now.wall.milliseconds + 1_000)
        server.advance(by: .seconds(1))
        #expect(server.closeCodes == [.keyEnded])
    }
}

/// How many tickets may wait to be used, over all loops.
@Suite struct TicketNumberTests {
    @Test func thereIsABound() {
        var numbers = TicketNumbers()
        let start = Instant(nanoseconds: 0)
        for count in 1...Ticket.maximumCount {
            #expect(numbers.next(at: start) == UInt64(count))
        }
        #expect(numbers.next(at: start) == nil)
        let lastMoment = Instant(nanoseconds: Ticket.validity.nanoseconds - 1)
        #expect(numbers.next(at: lastMoment) == nil, "they have not ended yet")
        #expect(numbers.next(at: start + Ticket.validity) == UInt64(Ticket.maximumCount + 1), "and there is room again")
    }
}
