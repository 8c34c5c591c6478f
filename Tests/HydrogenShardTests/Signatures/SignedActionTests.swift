import Foundation
import HydrogenCrypto
import HydrogenProtocol
import Testing

@testable import HydrogenShard

@Suite struct SignedActionTests {
    /// A command as a client signs it, with what a test spoils.
    struct Signed {
        var id = "c-1"
        var timestamp: Int64 = 1_800_000_000_000
        var channel = "system"
        var action = "ping"
        var data = "{}"
        var key: String
        /// In the place of the right one.
        var signature: String?
        /// Appended to the envelope's `data` after it was signed.
        var sentData: String?

        var text: String {
            var timestamp: [UInt8] = []
            var writer = TimestampWriter()
            writer.append(WallTime(milliseconds: self.timestamp), to: &timestamp)
            let signature = CommandSignature.make(
                key: Array(self.key.utf8).span, id: Array(self.id.utf8).span, timestamp: timestamp.span,
                channel: Array(self.channel.utf8).span, action: Array(self.action.utf8).span,
                data: Array(self.data.utf8).span)
            return #"{"type":"command","id":"\#(self.id)","timestamp":"\#(String(decoding: timestamp, as: UTF8.self))","#
                + #""channel":"\#(self.channel)","action":"\#(self.action)","data":\#(self.sentData ?? self.data),"#
                + #""auth":{"signature":"\#(self.signature ?? signature.hexadecimal)"}}"#
        }
    }

    private static func server(
        _ actions: [String] = ["system.ping", "print.publish", "file.list"], permissions: [String] = ["*:*"],
        window: Interval = .seconds(30)
    ) -> TestServer {
        let server = TestServer(permissions: permissions)
        server.setPolicy(signedActions: actions, window: window)
        return server
    }

    private static func code(_ answers: [String]) -> String {
        guard answers.count == 1 else { return "\(answers)" }
        if answers[0].contains(#""status":"ok""#) { return "ok" }
        func value(_ name: String) -> String {
            guard let start = answers[0].range(of: "\"\(name)\":\"") else { return "" }
            return String(answers[0][start.upperBound...].prefix { $0 != "\"" })
        }
        return "\(value("category")).\(value("code"))"
    }

    @Test func aRightSignatureOpensTheAction() throws {
        let server = Self.server()
        let (id, session) = try #require(server.open())
        #expect(Self.code(server.send(Signed(data: #"{ "a": 1 }"#, key: session.signingKey).text, on: id)) == "ok")
        #expect(Self.code(server.send(TestServer.command("system", "whoami"), on: id)) == "ok", "others need none")
    }

    static let spoiled: [(String, @Sendable (inout Signed) -> Void)] = [
        ("signature_invalid", { $0.signature = String(repeating: "0", count: 64) }),
        ("signature_invalid", { $0.signature = "" }),
        ("signature_invalid", { $0.sentData = #"{"a":1}"# }),
        ("signature_invalid", { $0.key = "another" }),
        ("timestamp", { $0.timestamp -= 30_001 }),
        ("timestamp", { $0.timestamp += 30_001 }),
        ("ok", { $0.timestamp -= 30_000 }),
        ("ok", { $0.timestamp += 30_000 }),
        // The time stamp is looked at first.
        ("timestamp", { $0.timestamp -= 30_001; $0.signature = "" }),
    ]

    @Test(arguments: spoiled.indices)
    func whatIsSpoiledIsRefused(_ index: Int) throws {
        let server = Self.server()
        let (id, session) = try #require(server.open())
        var command = Signed(key: session.signingKey)
        let (code, spoil) = Self.spoiled[index]
        spoil(&command)
        let expected = code == "ok" ? code : "authentication.\(code)"
        #expect(Self.code(server.send(command.text, on: id)) == expected)
    }

    @Test(arguments: [
        ("system", "ping", "authentication.signature_required"), ("print", "publish", "authentication.signature_required"),
        ("file", "list", "authentication.signature_required"), ("system", "whoami", "ok"),
    ])
    func withoutASignature(_ channel: String, _ action: String, _ code: String) throws {
        let server = Self.server()
        let id = try #require(server.connect())
        #expect(Self.code(server.send(TestServer.command(channel, action), on: id)) == code)
    }

    /// Escapes in a name do not lead around the list.
    @Test func anEscapedNameIsTheSame() throws {
        let server = Self.server()
        let id = try #require(server.connect())
        #expect(
            Self.code(server.send(TestServer.command("system", "p\\u0069ng"), on: id)) == "authentication.signature_required")
    }

    @Test func thePermissionIsAskedFirst() throws {
        let server = Self.server(permissions: ["print:subscribe"])
        let (id, session) = try #require(server.open())
        let command = Signed(channel: "print", action: "publish", data: #"{"action":"a"}"#, key: session.signingKey, signature: "")
        #expect(Self.code(server.send(command.text, on: id)) == "authentication.forbidden")
    }

    @Test func anIDWithARightSignatureCountsOnce() throws {
        let server = Self.server()
        let (id, session) = try #require(server.open())
        var command = Signed(key: session.signingKey)
        command.signature = ""
        #expect(Self.code(server.send(command.text, on: id)) == "authentication.signature_invalid")
        command.signature = nil
        #expect(Self.code(server.send(command.text, on: id)) == "ok", "a wrong signature uses nothing up")
        #expect(Self.code(server.send(command.text, on: id)) == "authentication.replayed")
        command.timestamp += 5
        #expect(Self.code(server.send(command.text, on: id)) == "authentication.replayed", "whatever the time stamp")
        command.id = "c-2"
        #expect(Self.code(server.send(command.text, on: id)) == "ok")
    }

    /// A signature of one connection opens nothing on another, nor on the next one.
    @Test func theKeyBelongsToTheConnection() throws {
        let server = Self.server()
        let (first, session) = try #require(server.open())
        let (second, other) = try #require(server.open())
        #expect(session.signingKey != other.signingKey)
        let text = Signed(key: session.signingKey).text
        #expect(Self.code(server.send(text, on: second)) == "authentication.signature_invalid")
        #expect(Self.code(server.send(text, on: first)) == "ok")
    }

    @Test func aFullTableRefusesUntilThereIsRoom() throws {
        let server = Self.server()
        let (id, session) = try #require(server.open())
        for number in 0..<ReplayTable.maximumCount {
            #expect(Self.code(server.send(Signed(id: "\(number)", key: session.signingKey).text, on: id)) == "ok")
        }
        let refused = server.send(Signed(id: "beyond", key: session.signingKey).text, on: id)
        #expect(Self.code(refused) == "connection.rate_limited")
        #expect(refused[0].contains(#""retry_after_ms":30001"#))
        server.now.wall = WallTime(milliseconds: server.now.wall.milliseconds + 30_001)
        let later = Signed(id: "beyond", timestamp: server.now.wall.milliseconds, key: session.signingKey)
        #expect(Self.code(server.send(later.text, on: id)) == "ok")
    }

    /// The clock is set back after ids were forgotten: a recorded command does not pass again.
    @Test func aClockThatIsSetBackOpensNothing() throws {
        let server = Self.server()
        let (id, session) = try #require(server.open())
        let recorded = Signed(key: session.signingKey).text
        #expect(Self.code(server.send(recorded, on: id)) == "ok")
        let start = server.now.wall.milliseconds
        server.now.wall = WallTime(milliseconds: start + 60_000)
        #expect(Self.code(server.send(Signed(id: "c-2", timestamp: start + 60_000, key: session.signingKey).text, on: id)) == "ok")
        server.now.wall = WallTime(milliseconds: start)
        #expect(Self.code(server.send(recorded, on: id)) == "authentication.timestamp")
    }

    @Test func aReloadChangesWhatIsSigned() throws {
        let server = Self.server([])
        let (id, session) = try #require(server.open())
        let ping = TestServer.command("system", "ping")
        #expect(Self.code(server.send(ping, on: id)) == "ok")
        server.setPolicy(signedActions: ["system.ping", "nowhere.ping"])
        #expect(Self.code(server.send(ping, on: id)) == "authentication.signature_required")
        #expect(Self.code(server.send(Signed(key: session.signingKey).text, on: id)) == "ok")
        #expect(Self.code(server.send(TestServer.command("nowhere", "ping"), on: id)) == "application.unknown_channel")
        server.setPolicy(signedActions: [])
        #expect(Self.code(server.send(ping, on: id)) == "ok")
    }

    @Test(arguments: [("file.delete", "file", "delete"), ("print.job.start", "print", "job.start")])
    func aNameIsSplitAtItsFirstDot(_ text: String, _ channel: String, _ action: String) throws {
        let signed = try #require(SignedAction(text))
        #expect(signed.channel == Array(channel.utf8) && signed.action == Array(action.utf8))
        #expect(signed.text == text)
    }

    @Test(arguments: ["", "file", "file.", ".delete", "File.delete", "file.Delete", "file..delete"])
    func otherTextsAreNoNames(_ text: String) { #expect(SignedAction(text) == nil) }
}
