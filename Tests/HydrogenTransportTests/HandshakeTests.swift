import Foundation
import Testing

@testable import HydrogenTransport

extension RunningLoops {
    @Suite struct HandshakeTests {
        @Test(arguments: [
            "hydrogen-protocol", "echo, hydrogen-protocol", "hydrogen-protocol, echo", "unknown,hydrogen-protocol",
            "hydrogen.key." + String(repeating: "k", count: 62) + ", hydrogen-protocol",
            "hydrogen-protocol, hydrogen.key." + String(repeating: "k", count: 62),
            "a\r\nSec-WebSocket-Protocol: hydrogen-protocol",
            "echo, other\r\nSec-WebSocket-Protocol: hydrogen-protocol",
        ])
        func theCoresSubprotocolIsSelected(_ offered: String) throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            let head = client.upgrade(offered: offered)
            #expect(head.hasPrefix("HTTP/1.1 101"))
            #expect(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
            #expect(head.contains("Sec-WebSocket-Protocol: hydrogen-protocol\r\n"))
            client.text("hello")
            #expect(client.readFrame()?.payload == Array("hello".utf8))
            server.stop()
        }

        @Test func echoIsSelectedWhenItIsAlone() throws {
            let server = try TestServer()
            let head = TestClient(port: server.port).upgrade(offered: "echo")
            #expect(head.contains("Sec-WebSocket-Protocol: echo\r\n"))
            server.stop()
        }

        @Test func theRequestIsReadWhole() throws {
            let server = try TestServer()
            let more = "Authorization: Key one\r\nAuthorization: Key two\r\nOrigin: https://a\r\nX-Forwarded-For: 1.2.3.4\r\n"
            TestClient(port: server.port).upgrade("/some/path?token=secret", more: more)
            #expect(
                server.journal.wait(
                    for: "requested GET|1.1|/some/path|localhost|websocket|13|hydrogen-protocol|Key one, Key two|https://a|1.2.3.4"
                ))
            server.stop()
        }

        @Test func aRefusalIsAnsweredAndTheConnectionEnds() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.send(TestClient.request("/refused"))
            let answer = client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Key\r\nContent-Type: application/json\r\n"))
            #expect(answer.hasSuffix("Content-Length: 12\r\nConnection: close\r\n\r\n{\"error\":{}}"))
            #expect(server.journal.wait(for: "ended lost"))
            server.stop()
        }

        @Test(arguments: ["GET", "POST", "PUT", "OPTIONS", "DELETE", "HEAD"])
        func aPlainRequestIsAnswered(_ method: String) throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.send("\(method) / HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n")
            let answer = client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 426 Upgrade Required\r\n"))
            #expect(answer.hasSuffix(method == "HEAD" ? "\r\n\r\n" : #"{"error":{}}"#))
            #expect(server.journal.all.contains { $0.hasPrefix("requested \(method == "GET" ? "GET" : "other")|1.1|/|") })
            server.stop()
        }

        @Test func anUpgradeThatConnectionDoesNotNameIsNone() throws {
            let server = try TestServer()
            let client = TestClient(port: server.port)
            client.send(TestClient.request(connection: "keep-alive"))
            #expect(client.readToEnd().hasPrefix("HTTP/1.1 426"))
            server.stop()
        }

        @Test func aListThatLwsWouldNotTakeIsNone() throws {
            let server = try TestServer()
            for count in [126, 127] {
                let client = TestClient(port: server.port)
                let filler = String(repeating: "x", count: 30)
                let list = "hydrogen-protocol, " + [String](repeating: filler, count: 3).joined(separator: ", ")
                client.upgrade(offered: list + ", " + String(repeating: "y", count: count - list.utf8.count - 2))
                let last = server.journal.all.last { $0.hasPrefix("requested") } ?? ""
                #expect(last.contains("|hydrogen-protocol, ") == (count == 126))
            }
            server.stop()
        }

        /// libwebsockets 4.1.6 touches freed headers at an unknown upgrade on a connection that was kept alive.
        @Test(arguments: [
            ["GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", TestClient.request(upgrade: "other")],
            [TestClient.request(upgrade: "other"), TestClient.request(upgrade: "other")],
            [TestClient.request(upgrade: "h2c", more: "HTTP2-Settings: AAMAAABkAAQAAP__\r\n")],
            ["CONNECT localhost:80 HTTP/1.1\r\nHost: a\r\n\r\n"], ["\r\n\r\n"], ["GET"],
            ["GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"],
            ["GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 6_000))\r\n\r\n"],
        ])
        func hostileRequestsHarmNothing(_ requests: [String]) throws {
            let server = try TestServer()
            for _ in 0..<20 {
                let separate = TestClient(port: server.port)
                for request in requests { separate.send(request) }
                separate.reset()
                let together = TestClient(port: server.port)
                together.send(requests.joined())
                shutdown(together.descriptor, Int32(SHUT_WR))
                _ = together.readToEnd()
            }
            let client = TestClient(port: server.port)
            #expect(client.upgrade().hasPrefix("HTTP/1.1 101"))
            server.stop()
            #expect(server.journal.all.count { $0 == "accepted" } == server.journal.all.count { $0.hasPrefix("ended") })
        }
    }
}
