import Foundation
import HydrogenServer
import Testing

@testable import HydrogenClient

/// The client and a server of ours, over real sockets.
@Suite(.timeLimit(.minutes(2))) struct ClientTests {
    /// Delays that suit a test.
    private static var options: HydrogenClient.Options {
        var options = HydrogenClient.Options()
        options.backOffBase = .milliseconds(20)
        options.backOffMaximum = .milliseconds(100)
        return options
    }

    private struct Job: Codable, Equatable {
        var id: Int
    }

    @Test func commandsAreAnswered() async throws {
        let server = try TestServer()
        defer { server.stop() }
        let client = try await HydrogenClient.connect(to: server.url, options: Self.options)
        guard case .connected(let session) = client.state else {
            Issue.record("\(client.state)")
            return
        }
        struct Identity: Decodable {
            var identity: String
            var session: String
        }
        let identity = try await client.command("system", "whoami").decode(Identity.self)
        #expect(identity.session == session && identity.identity == "anonymous")
        #expect(try await client.command("system", "ping", data: ["a": [1, 2]]).text == #"{"a":[1,2]}"#)
        await #expect(throws: HydrogenClient.Failure.self) { try await client.command("print", "nothing") }
        do throws(HydrogenClient.Failure) {
            try await client.command("print", "nothing")
        } catch {
            guard case .refused(let refusal) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(refusal.name == "application.unknown_action")
        }
        // Many at a time, each with its own answer.
        try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for number in 0..<200 {
                group.addTask { (number, try await client.command("system", "ping", data: Job(id: number)).text) }
            }
            for try await (number, text) in group { #expect(text == #"{"id":\#(number)}"#) }
        }
        await client.close()
        #expect(client.state == .stopped(.closed))
        await #expect(throws: HydrogenClient.Failure.closed) { try await client.command("system", "ping") }
    }

    @Test func eventsReachWhoSubscribed() async throws {
        let server = try TestServer()
        defer { server.stop() }
        let client = try await HydrogenClient.connect(to: server.url, options: Self.options)
        let jobs = try await client.subscribe(channel: "print", topic: "job.*")
        let large = try await client.subscribe(channel: "print", topic: "**", filter: #"{"id": {"gte": 5}}"#)
        let everything = client.events()
        for id in [3, 7] {
            let publication = try await client.publish(
                "print", "job.done", data: Job(id: id), options: .init(count: true))
            #expect(publication.receivers == 1)
        }
        try await client.publish("network", "up", data: Job(id: 9))
        var iterator = jobs.makeAsyncIterator()
        #expect(try await iterator.next()?.decode(Job.self) == Job(id: 3))
        let second = try #require(await iterator.next())
        #expect(second.text == #"{"id":7}"# && second.channel == "print" && second.action == "job.done")
        #expect(second.date.map { abs($0.timeIntervalSinceNow) < 60 } == true)
        var largeIterator = large.makeAsyncIterator()
        #expect(try await largeIterator.next()?.decode(Job.self) == Job(id: 7))
        var everythingIterator = everything.makeAsyncIterator()
        #expect(try await everythingIterator.next()?.decode(Job.self) == Job(id: 3))
        await client.close()
        #expect(await iterator.next() == nil)
    }
}
