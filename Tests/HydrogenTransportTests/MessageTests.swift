import Foundation
import HydrogenProtocol
import HydrogenThreads
import Testing

@testable import HydrogenTransport

extension RunningLoops {
    @Suite struct MessageTests {
        @Test(arguments: [0, 1, 125, 126, 1_023, 1_024, 1_025, 4_096, 65_535, 65_536, 200_000])
        func aMessageComesBackUnchanged(_ count: Int) throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            client.send(TestClient.frame(2, payload))
            let answer = client.readFrame()
            #expect(answer?.opcode == 2)
            #expect(answer?.payload == payload)
            server.stop()
        }

        @Test func fragmentsWithAPingBetweenThemAreOneMessage() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            client.send(TestClient.frame(1, [], isFinal: false))
            client.send(TestClient.frame(0, Array("ab".utf8), isFinal: false))
            client.send(TestClient.frame(9, [7]))
            client.send(TestClient.frame(0, Array("cd".utf8)))
            let first = client.readFrame()
            let second = client.readFrame()
            let frames = [first, second].compactMap { $0 }
            #expect(frames.contains { $0.opcode == 10 && $0.payload == [7] })
            #expect(frames.contains { $0.opcode == 1 && $0.payload == Array("abcd".utf8) })
            server.stop()
        }

        /// Characters of two, three and four bytes, cut anywhere by two fragments with a ping between them.
        @Test(arguments: 0...12) func aCharacterMayBeCutByAFragment(_ cut: Int) throws {
            let text = Array("a\u{e9}\u{20ac}\u{1f600}bc".utf8)
            #expect(text.count == 12)
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            client.send(TestClient.frame(1, Array(text[..<cut]), isFinal: false))
            client.send(TestClient.frame(9, [7]))
            client.send(TestClient.frame(0, Array(text[cut...])))
            let frames = (0..<2).compactMap { _ in client.readFrame() }
            #expect(frames.filter { $0.opcode == 1 }.map(\.payload) == [text])
            server.stop()
        }

        /// lws hands out about a kilobyte at a time, so characters are cut by the borders of its chunks.
        @Test(arguments: 0..<4) func aCharacterMayBeCutByAChunk(_ shift: Int) throws {
            let text = [UInt8](repeating: 0x61, count: shift) + Array(String(repeating: "\u{1f600}", count: 5_000).utf8)
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            client.send(TestClient.frame(1, text))
            #expect(client.readFrame()?.payload == text)
            server.stop()
        }

        @Test func framesOfOnePassLeaveInOneWrite() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            client.text("!push 10 100")
            for number in 0..<10 {
                #expect(client.readFrame()?.payload == [UInt8](repeating: UInt8(number), count: 100))
            }
            server.stop()
            #expect(server.journal.writes == [10 * 102])
        }

        /// Eight messages are more than one read of lws; the loop reads them all before it writes.
        @Test func messagesThatArriveTogetherAreAnsweredInOneWrite() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            let payload = [UInt8](repeating: 0x61, count: 300)
            client.send([[UInt8]](repeating: TestClient.frame(1, payload), count: 8).flatMap { $0 })
            for _ in 0..<8 { #expect(client.readFrame()?.payload == payload) }
            server.stop()
            #expect(server.journal.writes == [8 * 304])
        }

        /// More than the loop reads before it writes: what is answered does not wait for a peer that never stops.
        @Test func aPeerThatSendsOnAndOnIsAnsweredMeanwhile() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            let payload = [UInt8](repeating: 0x61, count: 300)
            let count = 8 * Corking.maxReadAgainCount
            client.send([[UInt8]](repeating: TestClient.frame(1, payload), count: count).flatMap { $0 })
            for _ in 0..<count { #expect(client.readFrame()?.payload == payload) }
            server.stop()
            #expect(server.journal.writes.count > 1)
            #expect(server.journal.writes.reduce(0, +) == count * 304)
        }

        /// Thousands of frames to a reader that pauses: the kernel's buffer fills, and writes are cut anywhere.
        @Test(arguments: [1, 100, 5_000, 64_000])
        func aPausingReaderGetsEveryFrameWhole(_ size: Int) throws {
            let server = try TestServer()
            let client = TestClient(port: server.port, receiveBuffer: 8_192)
            client.upgrade()
            let count = size == 1 ? 50_000 : size == 100 ? 20_000 : 8_000_000 / size
            client.text("!push \(count) \(size)")
            usleep(100_000)
            for number in 0..<count {
                // Pings, whose pongs lws puts between our writes.
                if number.isMultiple(of: 97) { client.send(TestClient.frame(9, [1])) }
                var frame = client.readFrame()
                while frame?.opcode == 10 { frame = client.readFrame() }
                guard frame?.payload == [UInt8](repeating: UInt8(number & 0xff), count: size) else {
                    Issue.record("frame \(number) is corrupt or missing")
                    break
                }
            }
            server.stop()
        }

        @Test func aPongReachesTheCore() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            client.text("!ping")
            #expect(client.readFrame()?.opcode == 9)
            client.send(TestClient.frame(10, [1, 2, 3]))
            #expect(server.journal.wait(for: "pong"))
            server.stop()
        }

        @Test func aDeadlineIsNeverEarly() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            let begin = Clock.instant()
            client.text("!deadline 30")
            #expect(server.journal.wait(for: "deadline"))
            #expect(Clock.instant() - begin >= .milliseconds(30))
            server.stop()
        }

        /// 60 time-outs, one a millisecond: the loop looks at them once a tick, and never before they are due.
        @Test func timeoutsWaitForEachOther() throws {
            var configuration = LoopConfiguration()
            configuration.serviceInterval = .milliseconds(20)
            let server = try TestServer(configuration: configuration)
            let client = TestClient(port: server.port)
            client.upgrade()
            let begin = Clock.instant()
            client.text("!timeouts 60")
            #expect(server.journal.wait(for: "last timeout"))
            let elapsed = Clock.instant() - begin
            #expect(elapsed >= .milliseconds(60))
            let looks = server.journal.all.filter { $0.hasPrefix("timeouts ") }
            #expect(looks.reduce(0) { $0 + Int($1.dropFirst(9))! } == 60)
            #expect(Int64(looks.count) <= elapsed.milliseconds / 20 + 1)
            server.stop()
        }
    }
}
