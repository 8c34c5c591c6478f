import Foundation
import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// An event as a client reads it.
struct ReceivedEvent: Equatable {
    var id = ""
    var action = ""
    /// 0: it is not guaranteed.
    var offset = 0
    /// 1 where none is told.
    var attempt = 1
    var priority = "normal"
    var isRetained = false
    /// The member `n` of its data.
    var number = -1
    /// Of `system/gap`.
    var gap: ClosedRange<Int>?

    /// nil for a response.
    init?(_ text: String) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
            object["type"] as? String == "event"
        else { return nil }
        let data = object["data"] as? [String: Any] ?? [:]
        self.id = object["id"] as? String ?? ""
        self.action = object["action"] as? String ?? ""
        self.offset = object["offset"] as? Int ?? 0
        self.attempt = object["attempt"] as? Int ?? 1
        self.priority = object["priority"] as? String ?? "normal"
        self.isRetained = object["retained"] as? Bool ?? false
        self.number = data["n"] as? Int ?? -1
        if let from = data["from"] as? Int, let to = data["to"] as? Int { self.gap = from...to }
    }
}

/// A client of a test server.
struct TestClient {
    var id: ConnectionID
    var loop: Int
    var session: SessionData
}

/// Publishers and receivers of guaranteed events.
final class DeliveryWorld {
    let server: TestServer

    static func configuration(_ delivery: DeliverySettings = .init(), maxSendQueueBytes: Int = 65_536)
        -> ShardConfiguration
    {
        var configuration = TestServer.configuration()
        configuration.maxConnections = 100
        configuration.maxMessageBytes = 65_536
        configuration.maxSendQueueBytes = maxSendQueueBytes
        configuration.delivery = delivery
        // Peers here say nothing for a long time.
        configuration.timeouts.heartbeatInterval = .seconds(40_000)
        configuration.timeouts.idleTimeout = .seconds(80_000)
        return configuration
    }

    convenience init(_ delivery: DeliverySettings = .init(), maxSendQueueBytes: Int = 65_536, loopCount: Int = 1) {
        self.init(Self.configuration(delivery, maxSendQueueBytes: maxSendQueueBytes), loopCount: loopCount)
    }

    init(
        _ configuration: ShardConfiguration, loopCount: Int = 1, restored: [RestoredState] = [], seed: UInt64 = 1,
        now: Moment? = nil
    ) {
        self.server = TestServer(
            loopCount: loopCount, configuration, others: ["bob"], restored: restored, seed: seed, now: now)
    }

    func connect(loop: Int = 0, token: String = TestServer.token) throws -> TestClient {
        let (id, session) = try #require(self.server.open(loop: loop, token: token))
        return TestClient(id: id, loop: loop, session: session)
    }

    func subscribe(_ client: TestClient, _ data: String = #"{"topic":"**"}"#, channel: String = "print") throws {
        let answer = self.server.send(
            TestServer.command(channel, "subscribe", data), on: client.id, loop: client.loop)
        try #require(answer.contains { $0.contains(#""subscription""#) }, "\(answer)")
    }

    /// Publishes guaranteed events with these numbers.
    func publish(_ numbers: some Sequence<Int>, by client: TestClient, _ options: String = #""guaranteed":true"#) {
        for number in numbers {
            let answer = self.server.send(
                TestServer.command("print", "publish", #"{"action":"x","data":{"n":\#(number)},\#(options)}"#),
                on: client.id, loop: client.loop)
            #expect(answer.contains { $0.contains(#""event":"e"#) }, "\(answer)")
        }
    }

    /// - Parameter short: stop a nanosecond before.
    func advance(by interval: Interval, short: Bool = false) {
        self.server.advance(by: Interval(nanoseconds: interval.nanoseconds - (short ? 1 : 0)))
    }

    func take(_ client: TestClient) -> [ReceivedEvent] {
        self.server.take(client.id, loop: client.loop).compactMap(ReceivedEvent.init)
    }

    @discardableResult
    func ack(_ client: TestClient, offset: Int) -> [ReceivedEvent] {
        self.server.send(#"{"type":"ack","offset":\#(offset)}"#, on: client.id, loop: client.loop)
            .compactMap(ReceivedEvent.init)
    }

    @discardableResult
    func ack(_ client: TestClient, id: String) -> [ReceivedEvent] {
        self.server.send(#"{"type":"ack","id":"\#(id)"}"#, on: client.id, loop: client.loop)
            .compactMap(ReceivedEvent.init)
    }

    /// Whether no place in a mailbox is taken once everything is quiet.
    var arePlacesFree: Bool { self.server.shards.indices.allSatisfy { self.server.places.takenCount(at: $0) == 0 } }

    func lose(_ client: TestClient) { self.server.end(client.id, loop: client.loop) }

    /// A new connection that goes on with a session.
    /// - Returns: the client, and what it got after the response.
    func resume(_ client: TestClient, offset: Int, loop: Int = 0) throws -> (TestClient, [ReceivedEvent]) {
        var next = try self.connect(loop: loop)
        let answer = self.server.send(
            SessionsTests.resume(client.session, offset: offset), on: next.id, loop: next.loop)
        try #require(answer.first?.contains(#""resumed":true"#) == true, "\(answer)")
        next.session = client.session
        next.session.token = SessionData(answer[0]).token
        return (next, answer.dropFirst().compactMap(ReceivedEvent.init))
    }

    func count(_ outcome: ShardMetrics.DeliveryOutcome) -> Int64 {
        self.server.sum { $0.deliveries[outcome.rawValue] }
    }

    /// Whether what was put into outboxes is accounted for.
    var isLawKept: Bool {
        let settled = [.acked, .dead, .expired].reduce(Int64(0)) { $0 + self.count($1) }
        return self.server.sum { $0.outboxEnqueued[0] } == settled + self.server.sum { $0.outboxEvents[0] }
    }
}
