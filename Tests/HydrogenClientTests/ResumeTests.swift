import Foundation
import HydrogenServer
import Testing

@testable import HydrogenClient

/// Sessions that outlive their connections, over a network that is cut.
@Suite(.timeLimit(.minutes(3))) struct ResumeTests {
    private static var options: HydrogenClient.Options {
        var options = HydrogenClient.Options()
        options.backOffBase = .milliseconds(10)
        options.backOffMaximum = .milliseconds(50)
        return options
    }

    private struct Numbered: Codable, Equatable {
        var n: Int
    }

    private static func session(of client: HydrogenClient) -> String? {
        if case .connected(let session) = client.state { session } else { nil }
    }

    /// Cut again and again, while events are published, delivered and acknowledged: each is handled once, in order.
    @Test(arguments: [HydrogenClient.Acknowledgement.automatically, .explicitly])
    func nothingIsLostOrRepeated(_ acknowledges: HydrogenClient.Acknowledgement) async throws {
        let server = try TestServer(#""Delivery": {"AckTimeout": 0.3, "Window": 8}"#)
        defer { server.stop() }
        let relay = try Relay(to: server.server.port ?? 0)
        defer { relay.end() }
        let consumer = try await HydrogenClient.connect(to: relay.url, options: Self.options)
        let first = Self.session(of: consumer)
        let events = try await consumer.subscribe(
            channel: "print", topic: "**", guaranteed: true, acknowledges: acknowledges)
        let publisher = try await HydrogenClient.connect(to: server.url, options: Self.options)
        let count = 300
        async let published: Void = {
            for n in 0..<count {
                try await publisher.publish("print", "step", data: Numbered(n: n), options: .init(guaranteed: true))
                if n % 20 == 7 { relay.cut() }
            }
        }()
        var seen: [Int] = []
        for await event in events {
            seen.append(try event.decode(Numbered.self).n)
            if acknowledges == .explicitly { event.acknowledge() }
            if seen.count % 35 == 0 { relay.cut() }
            if seen.count == count { break }
        }
        try await published
        #expect(seen == Array(0..<count))
        // In service again, in the session that it began with.
        try await consumer.command("system", "ping")
        #expect(Self.session(of: consumer) == first)
        await consumer.close()
        await publisher.close()
    }

    /// A publisher whose answers are lost repeats under its key, and publishes once.
    @Test func publishesWithAKeyArriveOnce() async throws {
        let server = try TestServer()
        defer { server.stop() }
        let relay = try Relay(to: server.server.port ?? 0)
        defer { relay.end() }
        let consumer = try await HydrogenClient.connect(to: server.url, options: Self.options)
        let events = try await consumer.subscribe(channel: "print", topic: "**", guaranteed: true)
        let publisher = try await HydrogenClient.connect(to: relay.url, options: Self.options)
        let count = 120
        for n in 0..<count {
            if n % 6 == 3 { Task { relay.cut() } }
            try await publisher.publish(
                "print", "step", data: Numbered(n: n), options: .init(guaranteed: true, key: "key-\(n)"))
        }
        var seen: [Int] = []
        for await event in events {
            seen.append(try event.decode(Numbered.self).n)
            if seen.count == count { break }
        }
        #expect(seen == Array(0..<count))
        await publisher.close()
        await consumer.close()
    }

    /// What is published while a client is away waits for it; what the server's outbox could not keep is told as a gap.
    @Test func whatIsLostIsTold() async throws {
        let server = try TestServer(#""Delivery": {"MaxOutboxEvents": 5}"#)
        defer { server.stop() }
        let relay = try Relay(to: server.server.port ?? 0)
        defer { relay.end() }
        let consumer = try await HydrogenClient.connect(to: relay.url, options: Self.options)
        let events = try await consumer.subscribe(channel: "print", topic: "**", guaranteed: true)
        let notices = consumer.notices
        let publisher = try await HydrogenClient.connect(to: server.url, options: Self.options)
        relay.close()
        for await state in consumer.states {
            if case .waiting = state { break }
        }
        for n in 1...20 {
            try await publisher.publish("print", "step", data: Numbered(n: n), options: .init(guaranteed: true))
        }
        relay.open()
        var iterator = events.makeAsyncIterator()
        for n in 16...20 {
            let event = try #require(await iterator.next())
            #expect(try event.decode(Numbered.self) == Numbered(n: n))
            #expect(event.offset == Int64(n))
        }
        var lost: Set<Int64> = []
        for await notice in notices {
            if case .gap(let range) = notice { lost.formUnion(range) }
            if lost.count == 15 { break }
        }
        #expect(lost == Set(1...15))
        await publisher.close()
        await consumer.close()
    }

    /// A network that swallows everything is noticed, and the session is taken over from the connection that the server
    /// still has.
    @Test func aSilentNetworkIsNoticed() async throws {
        let server = try TestServer()
        defer { server.stop() }
        let relay = try Relay(to: server.server.port ?? 0)
        defer { relay.end() }
        var options = Self.options
        options.pingInterval = .milliseconds(50)
        options.pingTimeout = .seconds(3)
        let consumer = try await HydrogenClient.connect(to: relay.url, options: options)
        let session = Self.session(of: consumer)
        let events = try await consumer.subscribe(channel: "print", topic: "**", guaranteed: true)
        let states = consumer.states
        // Pings are answered: it stays.
        try await Task.sleep(for: .milliseconds(300))
        #expect(Self.session(of: consumer) == session)
        relay.silence()
        var hasWaited = false
        for await state in states {
            if case .waiting = state { hasWaited = true }
            if hasWaited, case .connected(let now) = state {
                #expect(now == session)
                break
            }
        }
        try await consumer.publish("print", "step", data: Numbered(n: 1))
        var iterator = events.makeAsyncIterator()
        #expect(try await iterator.next()?.decode(Numbered.self) == Numbered(n: 1))
        await consumer.close()
    }

    /// An event that its consumer leaves unhandled comes again, to whoever is subscribed then.
    @Test func anEventThatIsLeftComesAgain() async throws {
        let server = try TestServer(#""Delivery": {"AckTimeout": 0.2}"#)
        defer { server.stop() }
        let client = try await HydrogenClient.connect(to: server.url, options: Self.options)
        do {
            let events = try await client.subscribe(channel: "print", topic: "**", guaranteed: true)
            try await client.publish("print", "step", data: Numbered(n: 1))
            for await event in events {
                #expect(event.attempt == 1)
                break
            }
        }
        let again = try await client.subscribe(channel: "print", topic: "**", guaranteed: true)
        for await event in again {
            #expect(try event.decode(Numbered.self) == Numbered(n: 1))
            #expect(event.attempt > 1 && event.offset == 1)
            break
        }
        await client.close()
    }
}
