import Testing

@testable import HydrogenProtocol

@Suite struct ServerMessageTests {
    /// The macros of the tests take no span.
    private static func read(_ bytes: [UInt8]) -> ServerMessage? { ServerMessage(bytes.span) }

    private static func text(_ text: JSONText?, _ bytes: [UInt8]) -> String? { text?.string(in: bytes.span) }

    private static func isAbout(_ message: ServerMessage, _ action: StaticString, _ bytes: [UInt8]) -> Bool {
        message.isAbout("c", action, in: bytes.span)
    }

    @Test func anEventIsRead() throws {
        let text = #" {"type":"event","id":"e\u0031","timestamp":"t","channel":"c","action":"a","data":{"x":[1]},"#
            + #""offset":17,"ack":true,"attempt":3,"priority":"high","retained":true,"later":{"a":{}}} "#
        let bytes = Array(text.utf8)
        let message = try #require(Self.read(bytes))
        #expect(message.kind == .event && message.offset == 17 && message.attempt == 3)
        #expect(message.priority == .high && message.isRetained && !message.isError)
        #expect(Self.text(message.id, bytes) == "e1")
        #expect(Self.isAbout(message, "a", bytes) && !Self.isAbout(message, "b", bytes))
        #expect(message.data.map { String(decoding: bytes[$0.range.indices], as: UTF8.self) } == #"{"x":[1]}"#)
    }

    @Test func aRefusalIsRead() throws {
        let text = #"{"type":"response","id":null,"channel":"c","action":"a","status":"error","error":"#
            + #"{"category":"connection","code":"rate_limited","message":"m","retryable":true,"retry_after_ms":40}}"#
        let bytes = Array(text.utf8)
        let message = try #require(Self.read(bytes))
        #expect(message.kind == .response && message.isError && message.id == nil && message.data == nil)
        let error = ServerError(message.error, in: bytes.span)
        #expect(error.isRetryable && error.retryAfter == .milliseconds(40))
        #expect(Self.text(error.code, bytes) == "rate_limited")
    }

    /// Members of other types than ours, and types of messages that are not ours, do no harm.
    @Test(arguments: [
        "{}", #"{"type":"hint"}"#, #"{"type":7}"#,
        #"{"type":"event","offset":"1","attempt":-5.5,"priority":"top","retained":1,"data":[],"id":{}}"#,
        #"{"type":"event","offset":-3,"attempt":99999999999999}"#,
    ])
    func whatIsNotOursIsIgnored(_ text: String) throws {
        let message = try #require(Self.read(Array(text.utf8)))
        #expect(message.offset == 0 && message.attempt == 1 && message.priority == .normal)
        #expect(message.id == nil && message.data == nil && !message.isRetained)
    }

    @Test(arguments: ["", "[]", "{", #"{"type":"event"}x"#, #"{"type":"event",}"#, "\"event\"", "{\"a\":\"\u{1}\"}"])
    func whatIsNoObjectIsNoMessage(_ text: String) {
        #expect(Self.read(Array(text.utf8)) == nil)
    }
}
