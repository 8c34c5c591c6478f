import HydrogenProtocol
import Testing

@Suite struct EnvelopeReaderTests {
    @Test func readsEveryMemberOfACommand() {
        let message = Reading(
            #"{"type":"command","id":"c-1","timestamp":"2026-11-24T00:15:42.123Z","channel":"print","action":"job.start","#
                + #""data":{"copies":2},"auth":{"token":"st_1","signature":"0a"}}"#)
        #expect(message.refusal == nil)
        #expect(message.envelope.kind == .command)
        #expect(message.id == "c-1")
        #expect(message.timestamp == "2026-11-24T00:15:42.123Z")
        #expect(message.channel == "print")
        #expect(message.action == "job.start")
        #expect(message.data == #"{"copies":2}"#)
        #expect(message.token == "st_1")
        #expect(message.signature == "0a")
        #expect(message.envelope.offset == nil)
    }

    @Test func readsAnAckByIdAndByOffset() {
        let byID = Reading(#"{"type":"ack","id":"e1-0-7","auth":{"token":"t"}}"#)
        #expect(byID.refusal == nil)
        #expect(byID.envelope.kind == .ack)
        #expect(byID.id == "e1-0-7")
        #expect(byID.token == "t")
        let byOffset = Reading(#"{"type":"ack","offset":17,"timestamp":"2026-11-24T00:15:42Z","data":{}}"#)
        #expect(byOffset.refusal == nil)
        #expect(byOffset.envelope.offset == 17)
        #expect(byOffset.id == nil)
    }

    /// The least that a message needs, with escapes and white space wherever they may stand.
    @Test func readsThroughEscapesAndWhiteSpace() {
        let message = Reading(
            " \n{ \"typ\\u0065\" : \"c\\u006fmmand\" ,\t\"i\\u0064\":\"\\u00e4\\ud83d\\ude00\", \"channel\":\"pr\\u0069nt\","
                + " \"action\":\"job\\u002edone\", \"auth\" : { \"t\\u006fken\" : \"\\\"\" } } \r\n")
        #expect(message.refusal == nil)
        #expect(message.id == "ä😀")
        #expect(message.channel == "print")
        #expect(message.action == "job.done")
        #expect(message.token == "\"")
    }

    @Test func ignoresUnknownMembersAndThoseOfOtherTypes() {
        let command = Reading(
            #"{"type":"command","id":"1","channel":"print","action":"a","offset":"x","status":1,"error":[],"":{},"x":null}"#)
        #expect(command.refusal == nil)
        let ack = Reading(#"{"type":"ack","id":"1","channel":7,"action":"..","auth":{"token":"t","other":{"token":1}}}"#)
        #expect(ack.refusal == nil)
    }

    @Test func dataMayNameAMemberTwice() {
        #expect(Reading(#"{"type":"command","id":"1","channel":"a","action":"a","data":{"a":1,"a":2}}"#).refusal == nil)
    }

    /// Each message is refused for this reason.
    static let refusals: [(String, String)] = [
        // Not JSON at all, or not to its end.
        ("", "malformed_json"), ("{", "malformed_json"), (#"{"type":"command""#, "malformed_json"), ("nul", "malformed_json"),
        (#"{"type":"ack","id":"1"}}"#, "malformed_json"), (#"{"type":"ack","id":"1"} x"#, "malformed_json"),
        (#"{"type":"ack","id":"1",}"#, "malformed_json"), (#"{"type":"ack" "id":"1"}"#, "malformed_json"),
        (#"{"type":"ack","id":"\ud800"}"#, "malformed_json"), (#"{type:"ack"}"#, "malformed_json"),
        (#"{"type":"ack","id":"1","x":{"a":01}}"#, "malformed_json"), ("{\"type\":\"ack\",\"id\":\"\n\"}", "malformed_json"),
        ("[1,2", "malformed_json"), ("\u{feff}{}", "malformed_json"), ("{}{}", "malformed_json"),
        // JSON, but no object.
        ("[]", "not_an_object"), ("1", "not_an_object"), ("\"command\"", "not_an_object"), ("null", "not_an_object"),
        (" true ", "not_an_object"), (#"[{"type":"ack"}]"#, "not_an_object"),
        // The type.
        ("{}", "missing_field type"), (#"{"id":"1"}"#, "missing_field type"), (#"{"type":1}"#, "invalid_field type"),
        (#"{"type":null}"#, "invalid_field type"), (#"{"type":{}}"#, "invalid_field type"), (#"{"type":"x"}"#, "unknown_type type"),
        (#"{"type":""}"#, "unknown_type type"), (#"{"type":"Command"}"#, "unknown_type type"), (#"{"type":"event"}"#, "unknown_type type"),
        (#"{"type":"response"}"#, "unknown_type type"), (#"{"type":"ack","type":"ack"}"#, "invalid_field type"),
        (#"{"type":"ack","typ\u0065":"ack"}"#, "invalid_field type"),
        // Members of a command.
        (#"{"type":"command"}"#, "missing_field id"), (#"{"type":"command","id":"1"}"#, "missing_field channel"),
        (#"{"type":"command","id":"1","channel":"a"}"#, "missing_field action"),
        (#"{"type":"command","id":1,"channel":"a","action":"a"}"#, "invalid_field id"),
        (#"{"type":"command","id":"","channel":"a","action":"a"}"#, "invalid_field id"),
        (#"{"type":"command","id":"\n","channel":"a","action":"a"}"#, "invalid_field id"),
        (#"{"type":"command","id":"\u0085","channel":"a","action":"a"}"#, "invalid_field id"),
        (#"{"type":"command","id":"1","id":"1","channel":"a","action":"a"}"#, "invalid_field id"),
        (#"{"type":"command","id":"1","timestamp":"now","channel":"a","action":"a"}"#, "invalid_field timestamp"),
        (#"{"type":"command","id":"1","timestamp":0,"channel":"a","action":"a"}"#, "invalid_field timestamp"),
        (#"{"type":"command","id":"1","channel":"A","action":"a"}"#, "invalid_field channel"),
        (#"{"type":"command","id":"1","channel":"","action":"a"}"#, "invalid_field channel"),
        (#"{"type":"command","id":"1","channel":["a"],"action":"a"}"#, "invalid_field channel"),
        (#"{"type":"command","id":"1","channel":"a","action":"a."}"#, "invalid_field action"),
        (#"{"type":"command","id":"1","channel":"a","action":true}"#, "invalid_field action"),
        (#"{"type":"command","id":"1","channel":"a","action":"a","data":[]}"#, "invalid_field data"),
        (#"{"type":"command","id":"1","channel":"a","action":"a","data":null}"#, "invalid_field data"),
        (#"{"type":"command","id":"1","channel":"a","action":"a","data":{},"data":{}}"#, "invalid_field data"),
        (#"{"type":"command","id":"1","channel":"a","action":"a","auth":"t"}"#, "invalid_field auth"),
        (#"{"type":"command","id":"1","channel":"a","action":"a","auth":{},"auth":{}}"#, "invalid_field auth"),
        (#"{"type":"command","id":"1","channel":"a","action":"a","auth":{"token":1}}"#, "invalid_field auth.token"),
        (#"{"type":"command","id":"1","channel":"a","action":"a","auth":{"token":"a","token":"a"}}"#, "invalid_field auth.token"),
        (#"{"type":"command","id":"1","channel":"a","action":"a","timestamp":"2026-11-24T00:15:42Z","auth":{"signature":{}}}"#,
         "invalid_field auth.signature"),
        (#"{"type":"command","id":"1","channel":"a","action":"a","auth":{"signature":"0a"}}"#, "missing_field timestamp"),
        (#"{"type":"command","id":"1","channel":"a","action":"a","offset":1,"offset":1}"#, "invalid_field offset"),
        // Members of an ack.
        (#"{"type":"ack"}"#, "missing_field id"), (#"{"type":"ack","id":"1","offset":1}"#, "invalid_field offset"),
        (#"{"type":"ack","offset":0}"#, "invalid_field offset"), (#"{"type":"ack","offset":-1}"#, "invalid_field offset"),
        (#"{"type":"ack","offset":1.5}"#, "invalid_field offset"), (#"{"type":"ack","offset":"1"}"#, "invalid_field offset"),
        (#"{"type":"ack","offset":9223372036854775808}"#, "invalid_field offset"), (#"{"type":"ack","offset":null}"#, "invalid_field offset"),
        (#"{"type":"ack","id":{},"offset":1}"#, "invalid_field id"), (#"{"type":"ack","id":"1","data":1}"#, "invalid_field data"),
        (#"{"type":"ack","id":"1","timestamp":"x"}"#, "invalid_field timestamp"), (#"{"type":"ack","id":"1","auth":[]}"#, "invalid_field auth"),
        (#"{"type":"ack","id":"1","channel":"a","channel":"a"}"#, "invalid_field channel"),
        (#"{"type":"ack","id":"1","action":1,"action":1}"#, "invalid_field action"),
        // Other members named twice.
        (#"{"type":"ack","id":"1","x":1,"x":1}"#, "invalid_field"), (#"{"type":"ack","id":"1","":1,"":1}"#, "invalid_field"),
        (#"{"type":"ack","id":"1","a\u0062":1,"ab":1}"#, "invalid_field"),
        (#"{"type":"ack","id":"1","auth":{"x":1,"x":2}}"#, "invalid_field"),
    ]

    @Test(arguments: refusals) func refusesWithCodeAndMember(_ text: String, _ refusal: String) {
        #expect(Reading(text).refusal == refusal)
    }

    /// Other ways to write the names that the reader compares by words: what it makes of a message is the same.
    static let spellings: [@Sendable (String) -> String] = [
        { "\"\($0)\" :" }, { "\"\($0)\":\t" }, { "\"\\u00\(String(Array($0.utf8)[0], radix: 16))\($0.dropFirst())\":" },
    ]

    @Test(arguments: spellings.indices) func aNameMayBeSpeltInAnyWay(_ spelling: Int) {
        let full = #"{"timestamp":"2026-11-24T00:15:42.123Z","type":"command","id":"c-1","channel":"print","action":"job.start","#
            + #""data":{"copies":2},"offset":3,"auth":{"token":"st_1","signature":"0a"}}"#
        let names = ["type", "id", "timestamp", "channel", "action", "data", "auth", "token", "signature", "offset"]
        // Blanks behind it, since names at the very end of a message are not compared by words.
        for text in ([full] + Self.refusals.map(\.0)).flatMap({ [$0, $0 + String(repeating: " ", count: 16)] }) {
            let usual = Reading(text)
            for name in names {
                let message = Reading(text.replacing("\"\(name)\":", with: Self.spellings[spelling](name)))
                #expect(message.refusal == usual.refusal)
                #expect(message.envelope.kind == usual.envelope.kind)
                #expect(message.envelope.offset == usual.envelope.offset)
                #expect(message.texts == usual.texts)
            }
        }
    }

    /// Every `protocol` code that a text can have comes from a row above or from the depth; the others are the frame's,
    /// the transport's or the handshake's.
    @Test func everyCodeOfTheReaderIsProvoked() {
        let provoked = Set(Self.refusals.map { $0.1.split(separator: " ")[0] } + ["too_deep"])
        let notTheReaders: Set<ErrorCode> = [
            .tooLarge, .binary, .invalidUTF8, .framing, .subprotocol, .handshake, .path, .upgradeRequired,
        ]
        let expected = ErrorCode.allCases.filter { $0.category == .protocol && !notTheReaders.contains($0) }
        #expect(provoked == Set(expected.map { Substring($0.name.description) }))
    }

    @Test func numbersOfAnOffsetAreReadByValue() {
        for text in ["17", "17.0", "1.7e1", "170e-1", "0.17E+2"] {
            #expect(Reading(#"{"type":"ack","offset":\#(text)}"#).envelope.offset == 17, "\(text)")
        }
        #expect(Reading(#"{"type":"ack","offset":9223372036854775807}"#).envelope.offset == .max)
    }
}
