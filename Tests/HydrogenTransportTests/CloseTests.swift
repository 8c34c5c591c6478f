import Foundation
import HydrogenProtocol
import HydrogenShard
import HydrogenThreads
import Testing

@testable import HydrogenTransport

extension RunningLoops {
    @Suite struct CloseTests {
        @Test(arguments: [CloseCode.normal, .goingAway, .messageTooLarge, .keyEnded, .overload])
        func theServersCodeArrives(_ code: CloseCode) throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            client.text("!push 3 10")
            client.text("!close \(code.rawValue) reason")
            let close = client.readClose()
            #expect(close?.code == code.rawValue)
            #expect(close?.reason == "connection.slow_consumer")
            client.send(TestClient.frame(8, [0x03, 0xe8]))
            #expect(server.journal.wait(for: "ended closed -"))
            server.stop()
        }

        @Test func theCloseFrameWaitsForWhatWasTaken() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port, receiveBuffer: 8_192)
            client.upgrade()
            client.text("!push 100 64000")
            client.text("!close 1000")
            usleep(50_000)
            for _ in 0..<100 { #expect(client.readFrame()?.payload.count == 64_000) }
            #expect(client.readClose()?.code == 1_000)
            server.stop()
        }

        @Test(arguments: [
            ([0x03, 0xe8] as [UInt8], "1000"), ([0x0f, 0xa0], "4000"), ([], "-"), ([0x03, 0xf5], "1002"),
        ])
        func thePeersCodeIsToldAndAnswered(_ payload: [UInt8], _ code: String) throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            client.send(TestClient.frame(8, payload))
            let answer = client.readFrame()
            #expect(answer?.opcode == 8)
            #expect(server.journal.wait(for: "closeReceived \(code)"))
            #expect(server.journal.wait(for: "ended closed \(code)"))
            server.stop()
        }

        @Test func whatCameBeforeTheCloseFrameIsAnswered() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            client.send(TestClient.frame(1, Array("hello".utf8)) + TestClient.frame(8, [0x03, 0xe8]))
            #expect(client.readFrame()?.payload == Array("hello".utf8))
            #expect(client.readClose()?.code == 1_000)
            server.stop()
        }

        @Test func whatCameBeforeAFaultIsAnswered() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            client.send(TestClient.frame(1, Array("hello".utf8)) + TestClient.frame(3, []))
            #expect(client.readFrame()?.payload == Array("hello".utf8))
            #expect(client.readClose()?.code == 1_002)
            server.stop()
        }

        /// What is flushed before the fault is told asks for a close: then the fault is not told.
        @Test func aFaultBehindTheServersOwnCloseIsNotTold() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            client.send(TestClient.frame(1, Array("!close 4401".utf8)) + TestClient.frame(3, []))
            #expect(client.readClose() != nil)
            #expect(server.journal.wait(for: "ended closed -"))
            #expect(server.journal.count("framingFailed 1002") == 0)
            server.stop()
        }

        /// The first frame of a client comes without a mask when its connection is being closed.
        @Test func aFrameWithoutAMaskIsNotTheFaultOfAConnectionThatCloses() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            #expect(server.handles[0].post(.scripted))
            #expect(client.readClose()?.code == 1_001)
            client.send(TestClient.frame(1, Array("hello".utf8), isMasked: false))
            #expect(server.journal.wait(for: "ended closed -"))
            #expect(server.journal.count("framingFailed 1002") == 0)
            server.stop()
        }

        static let faults: [(name: String, bytes: [UInt8], code: UInt16)] = [
            ("invalid UTF-8", TestClient.frame(1, [0xff]), 1007),
            ("truncated UTF-8", TestClient.frame(1, [0xc3]), 1007),
            ("a reason that is not UTF-8", TestClient.frame(8, [0x03, 0xe8, 0xff]), 1007),
            ("UTF-8 that ends in the last of two fragments", fragments([0x61, 0xe2], [0x82]), 1007),
            ("UTF-8 that ends before an empty fragment", fragments([0xf0, 0x9f, 0x98], []), 1007),
            ("UTF-8 that goes wrong in a second fragment", fragments([0xe2, 0x82], [0x28]), 1007),
            ("UTF-8 that goes wrong while the message goes on", fragments([0xe2], [0x28], areAll: false), 1007),
            ("half of a surrogate over a border", fragments([0xed], [0xa0, 0x80]), 1007),
            ("two faults", TestClient.frame(1, [0xff]) + TestClient.frame(8, [0x03, 0xe8, 0xff]), 1007),
            ("reserved bits", [0xf1] + TestClient.frame(1, [0x61]).dropFirst(), 1002),
            ("unknown opcode", TestClient.frame(3, []), 1002),
            ("continuation of nothing", TestClient.frame(0, []), 1002),
            ("fragmented ping", TestClient.frame(9, [], isFinal: false), 1002),
            ("no mask", TestClient.frame(1, Array("hello".utf8), isMasked: false), 1002),
            ("no mask, no payload", TestClient.frame(1, [], isMasked: false), 1002),
        ]

        /// A text message in two fragments, or the first two of more.
        private static func fragments(_ first: [UInt8], _ second: [UInt8], areAll: Bool = true) -> [UInt8] {
            TestClient.frame(1, first, isFinal: false) + TestClient.frame(0, second, isFinal: areAll)
        }

        /// What the transport finds wrong by itself: the core is told the code, and of no close of the peer.
        @Test(arguments: faults) func aFaultOfThePeerClosesWithItsCode(
            _ fault: (name: String, bytes: [UInt8], code: UInt16)
        ) throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            client.send(fault.bytes)
            #expect(client.readClose()?.code == fault.code, "\(fault.name)")
            client.send(TestClient.frame(8, [0x03, 0xe8]))
            // lws may be in the middle of the faulty frame, and would wait five seconds for the rest.
            client.hangUp()
            #expect(server.journal.wait(for: "ended closed -"))
            #expect(server.journal.count("framingFailed \(fault.code)") == 1)
            #expect(!server.journal.all.contains { $0.hasPrefix("closeReceived") })
            server.stop()
        }

        @Test func anAbortEndsAtOnce() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            client.text("!abort")
            #expect(client.readFrame() == nil)
            #expect(server.journal.wait(for: "ended aborted"))
            server.stop()
        }

        /// lws keeps a connection for its unsent bytes, which such a peer would never take.
        @Test func anAbortEndsAPeerThatDoesNotRead() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port, receiveBuffer: 8_192)
            client.upgrade()
            client.text("!push 200 64000")
            usleep(50_000)
            let begin = Clock.instant()
            client.text("!abort")
            #expect(server.journal.wait(for: "ended aborted"))
            #expect(Clock.instant() - begin < .seconds(2))
            server.stop()
        }

        @Test func anAbortDuringTheHandshakeEndsIt() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.send(TestClient.request("/abort"))
            #expect(server.journal.wait(for: "ended aborted"))
            server.stop()
        }

        @Test func aPeerThatLeavesIsLost() throws {
            let server = try TestServer()
            do {
                let client = TestClient(port: server.port)
                client.upgrade()
                client.reset()
            }
            #expect(server.journal.wait(for: "ended lost"))
            server.stop()
        }

        @Test func aSilentSocketEndsWithTheHandshakeTimeout() throws {
            var configuration = LoopConfiguration()
            configuration.handshakeTimeoutSeconds = 1
            let server = try TestServer(configuration: configuration)
            let client = TestClient(port: server.port)
            #expect(client.readToEnd() == "")
            #expect(server.journal.wait(for: "ended lost"))
            server.stop()
        }
    }
}
