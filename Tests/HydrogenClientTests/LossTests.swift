import Foundation
import HydrogenServer
import Testing

@testable import HydrogenClient

/// Connections that fail, and those that are lost.
@Suite(.timeLimit(.minutes(2))) struct LossTests {
    private static var options: HydrogenClient.Options {
        var options = HydrogenClient.Options()
        options.backOffBase = .milliseconds(20)
        options.backOffMaximum = .milliseconds(100)
        return options
    }

    @Test(arguments: ["http://a", "ws://", "ws://a:0", "ws://a:99999", "ws://u@a", "ws://[::1", "a", "ws://a b"])
    func urlsThatAreNone(_ url: String) {
        #expect(throws: HydrogenClient.Failure.invalidURL) { try HydrogenClient(url: url) }
    }

    @Test(arguments: ["", "a b", "a\r\nX: y", "é", String(repeating: "a", count: 1025)])
    func keysThatAreNone(_ key: String) {
        #expect(throws: HydrogenClient.Failure.invalidKey) { try HydrogenClient(url: "ws://a", key: key) }
    }

    /// The first attempt tells why it failed; a client that is only started tries again.
    @Test func nobodyIsThere() async throws {
        let server = try TestServer()
        let url = server.url
        server.stop()
        do throws(HydrogenClient.Failure) {
            _ = try await HydrogenClient.connect(to: url, options: Self.options)
            Issue.record("connected")
        } catch {
            guard case .unreachable(let text) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(!text.isEmpty)
        }
        let client = try HydrogenClient(url: url, options: Self.options)
        try client.start()
        let failures = client.states.filter {
            if case .waiting(.unreachable, _) = $0 { true } else { false }
        }
        var count = 0
        for await _ in failures {
            count += 1
            if count == 3 { break }
        }
        await client.close()
    }

    @Test(arguments: [("elsewhere", nil, 404, "protocol.path"), ("", "hk_wrong", 401, "authentication.invalid")])
    func refusalsAreTold(_ path: String, _ key: String?, _ status: Int, _ reason: String) async throws {
        let server = try TestServer()
        defer { server.stop() }
        do throws(HydrogenClient.Failure) {
            _ = try await HydrogenClient.connect(to: server.url + path, key: key, options: Self.options)
            Issue.record("connected")
        } catch {
            guard case .refusedConnection(let actual, let told) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(actual == status && told?.name == reason)
        }
        let client = try HydrogenClient(url: server.url + path, key: key, options: Self.options)
        try client.start()
        await client.handle.board.waitUntilStopped()
        guard case .stopped(.refused(status, _)) = client.state else {
            Issue.record("\(client.state)")
            return
        }
    }

    /// The server goes away and comes back: the client does too, and has its subscriptions there.
    @Test func aServerThatComesBack() async throws {
        var server = try TestServer()
        let port = server.server.port ?? 0
        let client = try await HydrogenClient.connect(to: server.url, options: Self.options)
        let jobs = try await client.subscribe(channel: "print", topic: "job.*")
        let states = client.states
        let notices = client.notices
        server.stop()
        // While nobody is there it waits.
        async let answer = client.command("system", "ping", data: ["while": "away"])
        server = try TestServer(port: port)
        defer { server.stop() }
        #expect(try await answer.text == #"{"while":"away"}"#)
        try await client.publish("print", "job.done", data: ["id": 1])
        var iterator = jobs.makeAsyncIterator()
        #expect(await iterator.next()?.text == #"{"id":1}"#)
        var isLost = false
        for await state in states {
            if case .waiting(let reason, _) = state {
                isLost = true
                #expect(reason == .closedByServer(code: 1001) || reason != .closed)
            }
            if isLost, case .connected = state { break }
        }
        var first = notices.makeAsyncIterator()
        guard case .newSession = await first.next() else {
            Issue.record("no notice")
            return
        }
        await client.close()
    }

    @Test func aCommandThatTakesTooLong() async throws {
        let client = try HydrogenClient(url: "ws://127.0.0.1:9", options: Self.options)
        try client.start()
        await #expect(throws: HydrogenClient.Failure.timedOut) {
            try await client.command("system", "ping", timeout: .milliseconds(50))
        }
        await client.close()
    }

    @Test func whatCannotBeSentIsRefused() async throws {
        let server = try TestServer(#""MaxMessageBytes": 1024"#)
        defer { server.stop() }
        let client = try await HydrogenClient.connect(to: server.url, options: Self.options)
        let long = String(repeating: "a", count: 1024)
        await #expect(throws: HydrogenClient.Failure.tooLarge) {
            try await client.command("system", "ping", data: ["a": long])
        }
        await #expect(throws: HydrogenClient.Failure.invalidChannel) { try await client.command("No", "ping") }
        await #expect(throws: HydrogenClient.Failure.invalidAction) { try await client.command("system", "..") }
        await #expect(throws: HydrogenClient.Failure.self) { try await client.command("system", "ping", data: [1]) }
        await #expect(throws: HydrogenClient.Failure.invalidTopic) {
            _ = try await client.subscribe(channel: "print", topic: "**.a")
        }
        await #expect(throws: HydrogenClient.Failure.self) {
            _ = try await client.subscribe(channel: "print", topic: "**", filter: #"{"a":{"like":1}}"#)
        }
        await client.close()
    }

    /// Closing wakes everybody who waits.
    @Test func closingEndsEverything() async throws {
        let server = try TestServer()
        defer { server.stop() }
        let client = try await HydrogenClient.connect(to: server.url, options: Self.options)
        let jobs = try await client.subscribe(channel: "print", topic: "**")
        async let end: HydrogenClient.Event? = {
            var iterator = jobs.makeAsyncIterator()
            return await iterator.next()
        }()
        await client.close()
        #expect(await end == nil)
        await #expect(throws: HydrogenClient.Failure.closed) {
            _ = try await client.subscribe(channel: "print", topic: "**")
        }
        await client.close()
    }

    @Test func cancellingATaskEndsItsWaiting() async throws {
        let server = try TestServer()
        defer { server.stop() }
        let client = try await HydrogenClient.connect(to: server.url, options: Self.options)
        let jobs = try await client.subscribe(channel: "print", topic: "**")
        let task = Task {
            var count = 0
            for await _ in jobs { count += 1 }
            return count
        }
        task.cancel()
        #expect(await task.value == 0)
        await client.close()
    }

    /// A subscription that nobody holds is no more at the server either.
    @Test func aForgottenSubscriptionEnds() async throws {
        let server = try TestServer()
        defer { server.stop() }
        let client = try await HydrogenClient.connect(to: server.url, options: Self.options)
        do { _ = try await client.subscribe(channel: "print", topic: "**") }
        let publication = try await client.publish("print", "done", data: ["id": 1], options: .init(count: true))
        #expect(publication.receivers == 0)
        await client.close()
    }

    /// A server that takes the connection and says nothing: the attempt is given up in time, or with the client.
    @Test func aServerThatNeverAnswers() async throws {
        let silent = try Relay(to: 1, listensOnly: true)
        defer { silent.end() }
        var options = Self.options
        options.connectTimeout = .milliseconds(100)
        let client = try HydrogenClient(url: silent.url, options: options)
        try client.start()
        for await state in client.states {
            if case .waiting(.unreachable, _) = state { break }
        }
        await client.close()
        let patient = try HydrogenClient(url: silent.url, options: Self.options)
        try patient.start()
        await patient.close()
        #expect(patient.state == .stopped(.closed))
    }

    /// A refusal that passes is tried again, not before the server's word.
    @Test func aServerThatIsFull() async throws {
        let server = try TestServer(#""MaxConnections": 1"#)
        defer { server.stop() }
        let first = try await HydrogenClient.connect(to: server.url, options: Self.options)
        let second = try HydrogenClient(url: server.url, options: Self.options)
        try second.start()
        for await state in second.states {
            guard case .waiting(let reason, let delay) = state else { continue }
            guard case .refused(503, let told) = reason else {
                Issue.record("\(reason)")
                break
            }
            #expect(told?.name == "connection.capacity")
            #expect(delay >= .milliseconds(900))
            break
        }
        await first.close()
        for await state in second.states {
            if case .connected = state { break }
        }
        await second.close()
    }

    /// A client that nobody holds ends: its session and its thread.
    @Test func aForgottenClientEnds() async throws {
        let server = try TestServer()
        defer { server.stop() }
        var states: AsyncStream<HydrogenClient.State>?
        do {
            let client = try await HydrogenClient.connect(to: server.url, options: Self.options)
            states = client.states
        }
        var last: HydrogenClient.State?
        for await state in try #require(states) { last = state }
        #expect(last == .stopped(.closed))
    }

    /// What a consumer does not take in time is dropped and counted, but the newest is there.
    @Test func aSlowConsumerLosesTheOldest() async throws {
        let server = try TestServer()
        defer { server.stop() }
        var options = Self.options
        options.maxBufferedEvents = 4
        let client = try await HydrogenClient.connect(to: server.url, options: options)
        let jobs = try await client.subscribe(channel: "print", topic: "**")
        for id in 1...10 { try await client.publish("print", "done", data: ["id": id]) }
        // What was published before this answer is here with it.
        try await client.command("system", "ping")
        var iterator = jobs.makeAsyncIterator()
        for id in 7...10 { #expect(await iterator.next()?.text == #"{"id":\#(id)}"#) }
        #expect(jobs.droppedEventCount == 6)
        await client.close()
    }
}
