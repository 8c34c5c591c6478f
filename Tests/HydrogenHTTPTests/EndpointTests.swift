import Foundation
import HydrogenHTTP
import HydrogenMetrics
import Testing

@Suite struct EndpointTests {
    struct Endpoint: Sendable {
        var path: String
        var contentType: String
        var body: String
        var cacheControl = "no-store"
    }

    static let endpoints = [
        Endpoint(
            path: "/metrics", contentType: "text/plain; version=0.0.4; charset=utf-8",
            body: String(repeating: "# text\n", count: 1_000)),
        Endpoint(path: "/-/healthy", contentType: "text/plain; charset=utf-8", body: "healthy\n"),
        Endpoint(path: "/-/ready", contentType: "text/plain; charset=utf-8", body: "ready\n"),
        Endpoint(path: "/status", contentType: "application/json", body: #"{"server_running":true}"#),
        Endpoint(path: "/status?pretty=1", contentType: "application/json", body: #"{"server_running":true}"#),
    ]

    @Test(arguments: endpoints) func answers(_ endpoint: Endpoint) throws {
        let server = try TestServer.start()
        let client = try HTTPClient(port: server.port)
        let response = try client.request("GET", endpoint.path)
        #expect(response.status == 200)
        #expect(response.text == endpoint.body)
        #expect(response.headers["content-type"] == endpoint.contentType)
        #expect(response.headers["cache-control"] == endpoint.cacheControl)
        #expect(response.headers["x-content-type-options"] == "nosniff")

        let head = try client.request("HEAD", endpoint.path)
        #expect(head.status == 200)
        #expect(head.headers["content-length"] == "\(endpoint.body.utf8.count)")
        #expect(try client.request("GET", "/-/healthy").text == "healthy\n", "a body after HEAD would come first")
    }

    @Test func theIndexLinksTheOthers() throws {
        let server = try TestServer.start()
        let response = try HTTPClient(port: server.port).request("GET", "/")
        #expect(response.status == 200)
        #expect(response.headers["content-type"] == "text/html; charset=utf-8")
        #expect(response.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
        for path in ["/metrics", "/status", "/-/healthy", "/-/ready"] {
            #expect(response.text.contains("<a href=\"\(path)\">"))
        }
        #expect(response.text.contains("1.2.3&lt;b&gt;"))
    }

    @Test func notReadySaysWhy() throws {
        let server = try TestServer.start(source: TestServer.source(readiness: .notReady(reason: "draining")))
        let client = try HTTPClient(port: server.port)
        let response = try client.request("GET", "/-/ready")
        #expect(response.status == 503)
        #expect(response.text == "draining\n")
        #expect(try client.request("GET", "/-/healthy").status == 200)
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "BREW"], ["/metrics", "/", "/status"])
    func anotherMethodIsRefused(_ method: String, _ path: String) throws {
        let server = try TestServer.start()
        let client = try HTTPClient(port: server.port)
        let response = try client.request(method, path)
        #expect(response.status == 405)
        #expect(response.headers["allow"] == "GET, HEAD")
        #expect(
            response.text
                == #"{"error":{"category":"application","code":"unknown_action","message":"This path does not take that method."}}"#
                + "\n")
        #expect(try client.request("GET", "/-/healthy").status == 200)
    }

    @Test(arguments: ["/metric", "/metrics/", "/Metrics", "/-/", "//", "/status/x", "/%2e%2e/status"])
    func anotherPathIsNotFound(_ path: String) throws {
        let server = try TestServer.start()
        let client = try HTTPClient(port: server.port)
        for method in ["GET", "HEAD", "POST"] {
            let response = try client.request(method, path)
            #expect(response.status == 404)
            #expect(response.headers["x-content-type-options"] == "nosniff")
        }
    }

    @Test(arguments: [("GET", 200), ("POST", 405)], [0, 1, 1_048_576])
    func aBodyIsReadAndDropped(_ expected: (method: String, status: Int), _ count: Int) throws {
        let server = try TestServer.start()
        let client = try HTTPClient(port: server.port)
        let body = String(repeating: "x", count: count)
        #expect(try client.request(expected.method, "/status", body: body).status == expected.status)
        #expect(try client.request("GET", "/-/healthy").status == 200)
    }

    @Test func aBodyBeyondTheBoundEndsTheConnection() throws {
        let server = try TestServer.start()
        let client = try HTTPClient(port: server.port)
        let body = String(repeating: "x", count: 1_048_577)
        #expect(throws: (any Error).self) {
            _ = try client.request("GET", "/status", body: body)
        }
        #expect(try HTTPClient(port: server.port).request("GET", "/-/healthy").status == 200)
    }

    @Test func aHeadBeyondTheBoundIsRefused() throws {
        let server = try TestServer.start()
        let client = try HTTPClient(port: server.port)
        let long = String(repeating: "x", count: 40_000)
        let response = try? client.request("GET", "/status", ["X-Long": long])
        #expect(response == nil || response?.status == 431)
        #expect(try HTTPClient(port: server.port).request("GET", "/-/healthy").status == 200)
    }
}
