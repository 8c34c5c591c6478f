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
    }
}
