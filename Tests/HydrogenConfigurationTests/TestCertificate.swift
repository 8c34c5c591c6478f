import Foundation
import HydrogenConfiguration
import HydrogenCrypto
import HydrogenProtocol
import Testing

/// A certificate for tests, made by `openssl` once per run: no private key lies in the repository.
enum TestCertificate {
    private static let files: [String: Data] = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func run(_ arguments: String) {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["openssl"] + arguments.split(separator: " ").map(String.init)
            process.currentDirectoryURL = folder
            process.standardError = FileHandle.nullDevice
            try? process.run()
            process.waitUntilExit()
        }
        let curve = "-pkeyopt ec_paramgen_curve:P-256"
        run(
            "req -x509 -newkey ec \(curve) -nodes -keyout private-key.pem -out certificate.pem -days 30 -subj /CN=localhost"
        )
        run("genpkey -algorithm EC \(curve) -out other-key.pem")
        run("pkey -in private-key.pem -aes128 -passout pass:word -out locked-key.pem")
        let names = ["certificate.pem", "private-key.pem", "other-key.pem", "locked-key.pem"]
        return names.reduce(into: [:]) { $0[$1] = try? Data(contentsOf: folder.appendingPathComponent($1)) }
    }()

    /// Writes certificate.pem, private-key.pem, other-key.pem and locked-key.pem (pass phrase).
    static func write(to folder: TemporaryFolder) throws {
        for (name, data) in files { try SafeFile.replace("\(folder.path)/\(name)", with: Array(data), mode: 0o600) }
        try #require(files.count == 4, "the program openssl makes the certificate of this test")
    }
}

@Suite struct CertificateTests {
    private let folder = TemporaryFolder()

    init() throws { try TestCertificate.write(to: self.folder) }

    /// What is at fault in a configuration with these files.
    private func subjects(_ certificate: String, _ key: String, authority: String? = nil) throws -> [String?] {
        let authority = authority.map { ", \"ClientCAPath\": \"\($0)\"" } ?? ""
        let path = try self.folder.write(
            "{\"WebSocketServer\": {\"AuthRequired\": false, \"CertificatePath\": \"\(certificate)\", \"KeyPath\": \"\(key)\"\(authority)}}",
            to: "test.json")
        do {
            _ = try Configuration.load(from: path, environment: [:])
            return []
        } catch {
            return error.faults.map(\.subject)
        }
    }

    @Test(arguments: [
        ("certificate.pem", "private-key.pem", nil),
        ("private-key.pem", "private-key.pem", "WebSocketServer.CertificatePath"),
        ("certificate.pem", "certificate.pem", "WebSocketServer.KeyPath"),
        ("certificate.pem", "other-key.pem", "WebSocketServer.KeyPath"),
        ("certificate.pem", "locked-key.pem", "WebSocketServer.KeyPath"),
        ("none.pem", "private-key.pem", "WebSocketServer.CertificatePath"),
        ("certificate.pem", "none.pem", "WebSocketServer.KeyPath"),
    ]) func pairs(_ certificate: String, _ key: String, _ subject: String?) throws {
        #expect(try self.subjects(certificate, key) == (subject.map { [$0] } ?? []))
    }

    /// It lasts 30 days from now.
    @Test func theTimeOfItsLife() throws {
        let certificate = try SafeFile.read("\(self.folder.path)/certificate.pem", atMost: 1 << 20)
        let key = try SafeFile.read("\(self.folder.path)/private-key.pem", atMost: 1 << 20)
        let pair = try CertificatePair(certificate: certificate.span, privateKey: key.span)
        let (start, end) = (pair.notBefore.milliseconds, pair.notAfter.milliseconds)
        #expect(end - start == 30 * 86_400_000)
        #expect(abs(Double(start) / 1_000 - Date().timeIntervalSince1970) < 3_600)
        for time in [start, end - 1] { try pair.check(at: WallTime(milliseconds: time)) }
        #expect(throws: CertificatePair.Fault.notYetValid) { try pair.check(at: WallTime(milliseconds: start - 1)) }
        #expect(throws: CertificatePair.Fault.expired) { try pair.check(at: WallTime(milliseconds: end)) }
    }

    @Test(arguments: [
        (0o600, true), (0o400, true), (0o640, true), (0o440, true), (0o644, false), (0o604, false), (0o660, false),
        (0o601, false),
    ]) func othersMayNotReadTheKey(_ mode: Int, _ isRight: Bool) throws {
        try FileManager.default.setAttributes(
            [.posixPermissions: mode], ofItemAtPath: "\(self.folder.path)/private-key.pem")
        let subjects = try self.subjects("certificate.pem", "private-key.pem")
        #expect(subjects == (isRight ? [] : ["WebSocketServer.KeyPath"]))
    }

    @Test(arguments: [("certificate.pem", nil), ("private-key.pem", "WebSocketServer.ClientCAPath"), ("none", "WebSocketServer.ClientCAPath")])
    func authorities(_ authority: String, _ subject: String?) throws {
        let subjects = try self.subjects("certificate.pem", "private-key.pem", authority: authority)
        #expect(subjects == (subject.map { [$0] } ?? []))
    }

    /// Neither files nor folders are opened where nobody asked for them.
    @Test func filesAreCheckedOnlyWhereTheyCount() throws {
        let text =
            "{\"WebSocketServer\": {\"SecureMode\": \"none\", \"AuthRequired\": false, \"CertificatePath\": \"none\"}}"
        let path = try self.folder.write(text, to: "test.json")
        #expect(try Configuration.load(from: path, environment: [:]).certificatePath == "\(self.folder.path)/none")
        let file = ["HYDROGEN_SERVICES_FILE_ROOT": path]
        let error = #expect(throws: ConfigurationFaults.self) { try Configuration.load(from: path, environment: file) }
        #expect(error?.faults.map(\.subject) == ["WebSocketServer.Services.File.Root"])
    }
}
