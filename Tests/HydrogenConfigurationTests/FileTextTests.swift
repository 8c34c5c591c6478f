import HydrogenConfiguration
import Testing

@Suite struct FileTextTests {
    @Test func commentsGo() throws {
        let text = """
            // first
            { /* a "quote" and // this */ "WebSocketServer": { // { [
              "Path": "//not/*a*/comment", /* é
              over lines */ "Port": 1 /**/ , "Node": "a\\"//b",
              "SecureMode": "none", "AuthRequired": false
            } } // end
            """
        let configuration = try Configuration.read(
            Array(text.utf8), name: "test.json", folder: nil, environment: [:], checkingFiles: false)
        #expect(configuration.path == "//not/*a*/comment")
        #expect(configuration.node == "a\"//b")
        #expect(configuration.port == 1)
    }

    @Test(arguments: [
        ("{\"WebSocketServer\": {\n  \"Port\": 1,\n}}", "test.json: line 3, column 1: unexpected character"),
        ("{\n/* é */ !", "test.json: line 2, column 9: unexpected character"),
        ("", "test.json: line 1, column 1: the text ends too early"),
        ("{} x", "test.json: line 1, column 4: something follows the value"),
        ("{ /* never ends", "test.json: line 1, column 3: the text ends too early"),
        ("{ / }", "test.json: line 1, column 3: unexpected character"),
        ("{\"a", "test.json: line 1, column 4: the text ends too early"),
        ("{\"a\n\": 1} // \" ", "test.json: line 1, column 4: control character in a string"),
        (String(repeating: "[", count: 17), "test.json: line 1, column 17: nested too deeply"),
    ]) func badJSON(_ text: String, _ line: String) {
        #expect(faults(ofText: text).map { String($0.prefix(line.count)) } == [line])
    }

    @Test(arguments: [
        ("[]", "test.json: must be an object, is a list (line 1, column 1)"),
        ("{}", "WebSocketServer: is missing; allowed: an object"),
        (
            "{\"WebSocketServer\": 3}",
            "WebSocketServer: must be an object, is 3 (line 1, column 21); allowed: an object"
        ),
        ("{\"Websocketserver\": {}}", "Websocketserver: unknown key, did you mean WebSocketServer? (line 1, column 2); allowed: WebSocketServer"),
    ]) func wrongRoots(_ text: String, _ line: String) {
        #expect(faults(ofText: text).first?.hasPrefix(line) == true, "\(faults(ofText: text))")
        #expect(faults(ofText: text).count == 1)
    }

    @Test func everyFaultAtOnce() {
        let text = """
            {
              "Other": 1,
              "WebSocketServer": {
                "Port": "x", // é
                "Prot": 1,
                "Delivery": { "AckTimeout": 601, "AckTimeout": 1, "Nonsense": null },
                "Session": 5,
                "Channels": ["ok", "print", 7, "ok"]
              },
              "WebSocketServer": {}
            }
            """
        #expect(
            faults(ofText: text) == [
                "Other: unknown key (line 2, column 3); allowed: WebSocketServer",
                "WebSocketServer: is there twice (line 10, column 3); allowed: once",
                "WebSocketServer.Prot: unknown key, did you mean Port? (line 5, column 5); allowed: "
                    + ConfigurationTable.names(below: "").joined(separator: " "),
                "WebSocketServer.Delivery.AckTimeout: is there twice (line 6, column 38); allowed: once",
                "WebSocketServer.Delivery.Nonsense: unknown key (line 6, column 55); allowed: "
                    + ConfigurationTable.names(below: "Delivery").joined(separator: " "),
                "WebSocketServer.Session: must be an object, is 5 (line 7, column 16); allowed: an object",
                "WebSocketServer.Port: must be a whole number, is \"x\" (line 4, column 13); allowed: 0 to 65535",
                "WebSocketServer.Channels[1]: is not of the right form, is \"print\" (line 8, column 24); allowed: "
                    + "[a-z][a-z0-9_-]{0,63}, none of system print network file",
                "WebSocketServer.Channels[2]: must be a string, is 7 (line 8, column 33); allowed: "
                    + "[a-z][a-z0-9_-]{0,63}, none of system print network file",
                "WebSocketServer.Channels[3]: is in the list already, is \"ok\" (line 8, column 36); allowed: each once",
                "WebSocketServer.Delivery.AckTimeout: is too large, is 601 (line 6, column 33); allowed: "
                    + "0.1 to 600, at most 3 decimal places",
                "WebSocketServer.CertificatePath: is required with SecureMode \"tls\"; allowed: the path of a file, 1 to 4095 bytes",
                "WebSocketServer.KeyPath: is required with SecureMode \"tls\"; allowed: the path of a file, 1 to 4095 bytes",
                "WebSocketServer.KeysPath: is required with AuthRequired; allowed: the path of a file, 1 to 4095 bytes",
            ])
    }

    /// A name or a value cannot make a second line, nor write on the terminal.
    @Test func faultsStayOnTheirLine() {
        let lines = faults("\"a\\nWebSocketServer.Port\\u001b[2J\\u202e\": 1, \"Path\": \"\\n\"")
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("WebSocketServer.a\\u{a}WebSocketServer.Port\\u{1b}[2J\\u{202e}: ") == true)
        for line in lines { #expect(!line.utf8.contains { $0 < 0x20 }) }
    }

    @Test func absentFiles() throws {
        let folder = TemporaryFolder()
        let error = #expect(throws: ConfigurationFaults.self) {
            try Configuration.load(from: "\(folder.path)/none.json", environment: [:])
        }
        #expect(error?.description == "\(folder.path)/none.json: there is no such file")
        let other = #expect(throws: ConfigurationFaults.self) {
            try Configuration.load(from: folder.path, environment: [:])
        }
        #expect(other?.description.hasSuffix("is not a file") == true)
    }

    @Test(arguments: [(1_000, true), (1_001, false)]) func lengthOfLists(_ count: Int, _ isAllowed: Bool) {
        let list = (0..<count).map { "\"c\($0)\"" }.joined(separator: ",")
        #expect(faults(members("Channels", "[\(list)]")).isEmpty == isAllowed)
    }

    @Test(arguments: [(-1, true), (0, true), (1, false)]) func lengthOfTheFile(_ more: Int, _ isAllowed: Bool) throws {
        let folder = TemporaryFolder()
        let text = "{\"WebSocketServer\": {\"SecureMode\": \"none\", \"AuthRequired\": false}}"
        let spaces = String(repeating: " ", count: Configuration.maxFileByteCount - text.utf8.count + more)
        let path = try folder.write(text + spaces, to: "large.json")
        let isTaken = (try? Configuration.load(from: path, environment: [:])) != nil
        #expect(isTaken == isAllowed)
    }
}
