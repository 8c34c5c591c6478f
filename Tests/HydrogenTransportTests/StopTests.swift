import Foundation
import HydrogenProtocol
import HydrogenShard
import HydrogenThreads
import Testing

@testable import HydrogenTransport

extension RunningLoops {
    @Suite struct StopTests {
        @Test func twoHundredClientsSeeTheServerGo() throws {
            let server = try TestServer(loopCount: 2)
            let clients = (0..<200).map { _ in TestClient(port: server.port) }
            for client in clients { #expect(client.upgrade().hasPrefix("HTTP/1.1 101")) }
            for handle in server.handles { #expect(handle.post(.scripted)) }
            for client in clients {
                #expect(client.readClose()?.code == 1_001)
                client.send(TestClient.frame(8, [0x03, 0xe9]))
            }
            server.stop(within: .seconds(5))
            #expect(server.journal.count("accepted") == 200)
            #expect(server.journal.count("ended closed -") == 200)
        }

        @Test func aLoopWithoutConnectionsStopsAtOnce() throws {
            let server = try TestServer(loopCount: 2)
            let begin = Clock.instant()
            server.stop(within: .seconds(30))
            #expect(Clock.instant() - begin < .seconds(5))
            #expect(server.journal.count("entropy 32") == 2)
        }

        @Test func theDeadlineEndsWhatIsLeft() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.upgrade()
            server.stop(within: .milliseconds(50))
            #expect(client.readFrame() == nil)
            #expect(server.journal.count("ended lost") == 1)
        }

        @Test func mailAfterTheEndHarmsNothing() throws {
            let server = try TestServer()
            server.stop()
            #expect(server.handles[0].post(.scripted))
            server.handles[0].stop(deadline: Clock.instant())
        }

        @Test func mailFromManyThreadsArrives() throws {
            let server = try TestServer()
            let handle = server.handles[0]
            for _ in 0..<4 {
                Thread.detachNewThread {
                    for _ in 0..<1_000 { while !handle.post(.scripted) { sched_yield() } }
                }
            }
            #expect(server.journal.wait(for: "mail", count: 4_000))
            server.stop()
        }
    }
}

extension Mail {
    /// A scripted core counts it, and closes every connection with 1001.
    static var scripted: Mail { .drain(spread: .zero) }
}
