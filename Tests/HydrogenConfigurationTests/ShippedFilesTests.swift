import Glibc
import HydrogenConfiguration
import HydrogenProtocol
import Testing

/// The files of the package that are made from the table, or that a newcomer starts with. Where one differs, the test run
/// with UPDATE_GENERATED=1 writes it anew.
@Suite struct ShippedFilesTests {
    @Test(arguments: ["Documentation/Configuration.md", "Config/hydrogen.json"])
    func madeFromTheTable(_ path: String) throws {
        let text = path.hasSuffix(".md") ? ConfigurationDocumentation.markdown() : ConfigurationExample.json()
        if getenv("UPDATE_GENERATED") != nil {
            let root = FilePath.folder(of: FilePath.folder(of: FilePath.folder(of: #filePath)))
            try SafeFile.replace("\(root)/\(path)", with: Array(text.utf8), mode: 0o644)
        }
        #expect(try packageFile(path) == text, "\(path) differs: run this test with UPDATE_GENERATED=1")
    }

    /// Everything in the example is right once its files exist: here the environment names others.
    @Test func theExampleIsRight() throws {
        let folder = TemporaryFolder()
        let example = try folder.write(ConfigurationExample.json(), to: "hydrogen.json")
        let without = #expect(throws: ConfigurationFaults.self) {
            try Configuration.load(from: example, environment: [:])
        }
        #expect(
            without?.faults.map(\.subject) == [
                "WebSocketServer.CertificatePath", "WebSocketServer.KeyPath", "WebSocketServer.KeysPath",
                "WebSocketServer.Services.File.Root",
            ])
        try TestCertificate.write(to: folder)
        try folder.write("{\"keys\": []}", to: "keys.json")
        let configuration = try Configuration.load(
            from: example,
            environment: [
                "HYDROGEN_CERTIFICATE_PATH": "certificate.pem", "HYDROGEN_KEY_PATH": "private-key.pem",
                "HYDROGEN_KEYS_PATH": "keys.json", "HYDROGEN_SERVICES_FILE_ROOT": folder.path,
            ])
        #expect(configuration.maxConnections == 100)
        #expect(configuration.certificatePath == "\(folder.path)/certificate.pem")
        #expect(configuration.warnings == [])
        #expect(!configuration.isDevelopment)
    }

    @Test func theExampleHasEveryKey() throws {
        let text = ConfigurationExample.json()
        for key in ConfigurationTable.keys {
            let name = key.path.split(separator: ".").last ?? ""
            #expect(text.contains("\"\(name)\": "))
        }
        for line in text.split(separator: "\n") { #expect(line.count <= 120) }
    }

    @Test func developmentStartsByItself() throws {
        let folder = TemporaryFolder()
        let path = try folder.write(try packageFile("Config/development.json"), to: "development.json")
        let configuration = try Configuration.load(from: path, environment: [:])
        #expect(configuration.warnings == [])
        #expect(configuration.isDevelopment)
        #expect(configuration.keysPath == "\(folder.path)/development-keys.json")
        #expect(configuration.node?.isEmpty == false)
        let now = WallTime(milliseconds: 0)
        let token = try #require(try DevelopmentKey.createIfAbsent(for: configuration, at: now))
        let records = try KeyFile.load("\(folder.path)/development-keys.json").records
        #expect(records.map(\.permissions) == [["*:*"]])
        #expect(token.hasPrefix("hk_"))
        #expect(try DevelopmentKey.createIfAbsent(for: configuration, at: now) == nil)
        // A broken key file is a fault for it, too.
        try folder.write("{}", to: "development-keys.json")
        #expect(throws: ConfigurationFaults.self) { try Configuration.load(from: path, environment: [:]) }
        #expect(throws: KeyFileError.self) { try DevelopmentKey.createIfAbsent(for: configuration, at: now) }
    }

    @Test(arguments: [
        ["HYDROGEN_INTERFACE": "0.0.0.0"], ["HYDROGEN_INTERFACE": "192.168.1.1"], ["HYDROGEN_KEYS_PATH": "keys.json"],
        [
            "HYDROGEN_SECURE_MODE": "tls", "HYDROGEN_CERTIFICATE_PATH": "certificate.pem",
            "HYDROGEN_KEY_PATH": "private-key.pem",
        ],
    ]) func noKeyIsInventedElsewhere(_ environment: [String: String]) throws {
        let folder = TemporaryFolder()
        try TestCertificate.write(to: folder)
        let path = try folder.write(try packageFile("Config/development.json"), to: "development.json")
        let error = #expect(throws: ConfigurationFaults.self) {
            try Configuration.load(from: path, environment: environment)
        }
        #expect(error?.faults.map(\.subject) == ["WebSocketServer.KeysPath"])
        let configuration = try Configuration.load(from: path, environment: environment, checkingFiles: false)
        #expect(try DevelopmentKey.createIfAbsent(for: configuration, at: WallTime(milliseconds: 0)) == nil)
        #expect(!folder.names.contains { $0.hasSuffix("keys.json") })
    }
}
