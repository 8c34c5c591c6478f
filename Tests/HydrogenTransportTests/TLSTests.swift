import Foundation
import Testing

@testable import HydrogenTransport

private let openssl = "/usr/bin/openssl"

/// Two certificates, made by the `openssl` command in a folder of their own.
private struct TestCertificates {
    let folder: URL
    var first: TLSFiles { self.files("first") }
    var second: TLSFiles { self.files("second") }

    func path(_ name: String) -> String { self.folder.appendingPathComponent(name).path }

    private func files(_ name: String) -> TLSFiles {
        TLSFiles(certificatePath: self.path("\(name).pem"), keyPath: self.path("\(name).key"))
    }

    init() throws {
        self.folder = FileManager.default.temporaryDirectory.appendingPathComponent("hydrogen-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        for name in ["first", "second"] {
            _ = try run(
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=\(name)", "-keyout", self.path("\(name).key"), "-out", self.path("\(name).pem"),
                ])
        }
    }

    func remove() { try? FileManager.default.removeItem(at: self.folder) }
}

/// Runs `openssl` with this input, and gives what it printed.
private func run(_ arguments: [String], input: [UInt8] = []) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: openssl)
    process.arguments = arguments
    let stdin = Pipe()
    let stdout = Pipe()
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = stdout
    try process.run()
    try stdin.fileHandleForWriting.write(contentsOf: Data(input))
    try stdin.fileHandleForWriting.close()
    let printed = stdout.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: printed, as: UTF8.self)
}

extension RunningLoops {
    @Suite(.enabled(if: access(openssl, X_OK) == 0, "the command openssl is not installed"))
    struct TLSTests {
        private func server(_ files: TLSFiles) throws -> TestServer {
            var configuration = LoopConfiguration()
            configuration.tls = files
            return try TestServer(configuration: configuration)
        }

        @Test(arguments: ["-tls1_2", "-tls1_3"]) func messagesFlowOverTLS(_ version: String) throws {
            let certificates = try TestCertificates()
            defer { certificates.remove() }
            let server = try self.server(certificates.first)
            var input = Array(TestClient.request().utf8)
            input += TestClient.frame(1, Array("hello over TLS".utf8))
            input += TestClient.frame(8, [0x03, 0xe8])
            let printed = try run(
                ["s_client", "-quiet", version, "-connect", "127.0.0.1:\(server.port)"], input: input)
            #expect(printed.contains("HTTP/1.1 101"))
            #expect(printed.contains("hello over TLS"))
            #expect(server.journal.wait(for: "ended closed 1000"))
            server.stop()
        }

        @Test func aFrameWithoutMaskClosesOverTLS() throws {
            let certificates = try TestCertificates()
            defer { certificates.remove() }
            let server = try self.server(certificates.first)
            let client = try TLSPipe(port: server.port)
            client.write(Array(TestClient.request().utf8))
            #expect(server.journal.wait(for: "upgraded"))
            client.write(TestClient.frame(1, Array("hello".utf8), isMasked: false))
            #expect(server.journal.wait(for: "framingFailed 1002"))
            client.end()
            #expect(server.journal.wait(for: "ended closed -"))
            server.stop()
        }

        @Test func oldVersionsAndPlainTextAreRefused() throws {
            let certificates = try TestCertificates()
            defer { certificates.remove() }
            var configuration = LoopConfiguration()
            configuration.tls = certificates.first
            // Two contexts: lws itself tells of TLS only on the one that was made last.
            let server = try TestServer(loopCount: 2, configuration: configuration)
            for _ in 0..<20 {
                let client = TestClient(port: server.port)
                client.send(TestClient.request())
                _ = client.readToEnd()
            }
            #expect(server.journal.wait(for: "ended tls", count: 20))
            let client = TestClient(port: server.port)
            client.send(TestClient.request())
            #expect(!client.readToEnd().contains("HTTP/1.1 101"))
            #expect(server.journal.wait(for: "ended tls", count: 21))
            _ = try run(
                ["s_client", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-connect", "127.0.0.1:\(server.port)"])
            #expect(server.journal.wait(for: "ended tls", count: 22))
            server.stop()
        }

        @Test(arguments: [nil, "first", "second"] as [String?])
        func onlyCertificatesOfTheAuthorityAreLetIn(_ client: String?) throws {
            let certificates = try TestCertificates()
            defer { certificates.remove() }
            var files = certificates.first
            files.clientCAPath = certificates.path("second.pem")
            let server = try self.server(files)
            var arguments = ["s_client", "-quiet", "-tls1_2", "-connect", "127.0.0.1:\(server.port)"]
            if let client {
                arguments += ["-cert", certificates.path("\(client).pem"), "-key", certificates.path("\(client).key")]
            }
            let input = Array(TestClient.request().utf8) + TestClient.frame(8, [0x03, 0xe8])
            let printed = try run(arguments, input: input)
            #expect(printed.contains("HTTP/1.1 101") == (client == "second"))
            #expect(server.journal.wait(for: client == "second" ? "ended closed 1000" : "ended tls"))
            server.stop()
        }

        @Test func aProbeThatSaysNothingIsNoFaultOfTLS() throws {
            let certificates = try TestCertificates()
            defer { certificates.remove() }
            let server = try self.server(certificates.first)
            do { _ = TestClient(port: server.port) }
            #expect(server.journal.wait(for: "ended lost"))
            server.stop()
        }

        @Test func aReloadServesTheNewCertificate() throws {
            let certificates = try TestCertificates()
            defer { certificates.remove() }
            let server = try self.server(certificates.first)
            let arguments = ["s_client", "-connect", "127.0.0.1:\(server.port)"]
            #expect(try run(arguments).contains("CN = first"))
            var mixed = certificates.second
            mixed.keyPath = certificates.first.keyPath
            #expect(server.handles[0].replaceCertificates(by: mixed))
            #expect(server.faults.wait(for: "certificatesKept"))
            #expect(try run(arguments).contains("CN = first"))
            #expect(server.handles[0].replaceCertificates(by: certificates.second))
            var isNew = false
            for _ in 0..<20 where !isNew { isNew = try run(arguments).contains("CN = second") }
            #expect(isNew)
            server.stop()
        }

        @Test func aMissingCertificateStopsTheStart() throws {
            #expect(throws: TransportError.self) {
                _ = try self.server(TLSFiles(certificatePath: "/nonexistent.pem", keyPath: "/nonexistent.key"))
            }
        }
    }
}

/// A connection through `openssl s_client`.
private final class TLSPipe {
    private let process = Process()
    private let stdin = Pipe()

    init(port: UInt16) throws {
        self.process.executableURL = URL(fileURLWithPath: openssl)
        self.process.arguments = ["s_client", "-quiet", "-connect", "127.0.0.1:\(port)"]
        self.process.standardInput = self.stdin
        self.process.standardOutput = FileHandle.nullDevice
        self.process.standardError = FileHandle.nullDevice
        try self.process.run()
    }

    func write(_ bytes: [UInt8]) { try? self.stdin.fileHandleForWriting.write(contentsOf: Data(bytes)) }

    func end() {
        kill(self.process.processIdentifier, SIGKILL)
        self.process.waitUntilExit()
    }
}
