import HydrogenCrypto
import HydrogenProtocol
import Testing

@testable import HydrogenClientCore

@Suite struct SignatureTests {
    private static var signing: ClientConfiguration {
        var configuration = TestClient.prompt
        configuration.signedActions = ["file.delete", "print.publish", "print.subscribe", "system.resume"]
            .compactMap(SignedAction.init)
        return configuration
    }

    private static func greeting(_ session: String, key: String, at time: String) -> String {
        #"{"type":"event","id":"e0","timestamp":"\#(time)","channel":"system","action":"session","data":"#
            + #"{"session":"\#(session)","token":"hs_\#(session)","signing_key":"\#(key)","resumed":false,"offset":0,"#
            + #""resume_window_ms":120000,"max_message_bytes":65536,"protocol":1}}"#
    }

    private static func connected() -> TestClient {
        var client = TestClient(self.signing)
        client.perform { $0.start(at: $1) }
        client.perform { $0.transportOpened(at: $1) }
        client.hear(Self.greeting("s1", key: "key-1", at: "2026-01-01T00:00:00.000Z"))
        return client
    }

    /// The message with the signature that the contract asks for.
    private static func signed(
        _ id: Int, _ timestamp: String, _ token: String, _ channel: String, _ action: String, _ data: String,
        key: String, spaceAround: String = ""
    ) -> TestClient.Did {
        let signature = CommandSignature.make(
            key: Array(key.utf8).span, id: Array("\(id)".utf8).span, timestamp: Array(timestamp.utf8).span,
            channel: Array(channel.utf8).span, action: Array(action.utf8).span, data: Array(data.utf8).span)
        return .send(
            #"{"type":"command","id":"\#(id)","timestamp":"\#(timestamp)","auth":{"token":"\#(token)","#
                + #""signature":"\#(signature.hexadecimal)"},"channel":"\#(channel)","action":"\#(action)","#
                + #""data":\#(spaceAround)\#(data)\#(spaceAround)}"#)
    }

    /// The server's clock is what counts, whatever this machine's is.
    @Test func aCommandIsSignedWithTheServersTime() throws {
        var client = Self.connected()
        client.pass(.milliseconds(1_234))
        let (_, sent) = try client.command("file", "delete", #"{"path":"a"}"#)
        let expected = Self.signed(
            1, "2026-01-01T00:00:01.234Z", "hs_s1", "file", "delete", #"{"path":"a"}"#, key: "key-1")
        #expect(sent == [expected])
        let (_, plain) = try client.command("file", "read", #"{"path":"a"}"#)
        #expect(!"\(plain)".contains("signature"))
    }

    @Test func aClockThatIsSetIsFollowed() throws {
        var client = Self.connected()
        let (number, _) = try client.command()
        let answer = TestClient.ok(number).replacing(#""id""#, with: #""timestamp":"2026-01-02T00:00:00Z","id""#)
        client.hear(answer)
        let (_, sent) = try client.command("file", "delete")
        let expected = Self.signed(2, "2026-01-02T00:00:00.000Z", "hs_s1", "file", "delete", "{}", key: "key-1")
        #expect(sent == [expected])
    }

    /// What is signed goes from brace to brace.
    @Test func spaceAroundTheDataIsNotSigned() throws {
        var client = Self.connected()
        let (_, sent) = try client.command("file", "delete", " {} \n")
        guard case .send(let text) = sent.first else { return #expect(Bool(false), "\(sent)") }
        let expected = CommandSignature.make(
            key: Array("key-1".utf8).span, id: Array("1".utf8).span,
            timestamp: Array("2026-01-01T00:00:00.000Z".utf8).span, channel: Array("file".utf8).span,
            action: Array("delete".utf8).span, data: Array("{}".utf8).span)
        #expect(text.contains(expected.hexadecimal))
    }

    @Test func subscriptionsAndPublishesAreSignedToo() throws {
        var client = Self.connected()
        let (_, subscribe) = try client.subscribe("job.*")
        #expect(
            subscribe == [
                Self.signed(1, "2026-01-01T00:00:00.000Z", "hs_s1", "print", "subscribe", #"{"topic":"job.*"}"#, key: "key-1")
            ])
        let (_, publish) = try client.publish(PublishOptions())
        #expect(
            publish == [
                Self.signed(
                    2, "2026-01-01T00:00:00.000Z", "hs_s1", "print", "publish", #"{"action":"job.done","data":{"id":7}}"#,
                    key: "key-1")
            ])
    }

    /// What waits is signed when it leaves, under the key of its connection; the resume before it as well.
    @Test func aNewConnectionHasItsOwnKey() throws {
        var client = Self.connected()
        client.perform { $0.transportEnded(code: 1006, at: $1) }
        _ = try client.command("file", "delete", "{}", timeout: .seconds(60))
        client.pass(.seconds(1))
        client.perform { $0.transportOpened(at: $1) }
        let resume = client.hear(Self.greeting("s2", key: "key-2", at: "2026-01-01T01:00:00.000Z"))
        let data = #"{"session":"s1","token":"hs_s1","offset":0}"#
        #expect(
            resume.last == Self.signed(2, "2026-01-01T01:00:00.000Z", "hs_s2", "system", "resume", data, key: "key-2"))
        let resumed = client.hear(TestClient.ok(2, #"{"session":"s1","resumed":true,"token":"hs_new","pending":0}"#))
        #expect(
            resumed.last == Self.signed(1, "2026-01-01T01:00:00.000Z", "hs_new", "file", "delete", "{}", key: "key-2"))
    }
}
