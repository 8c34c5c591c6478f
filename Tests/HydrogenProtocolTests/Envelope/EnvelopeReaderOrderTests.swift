import HydrogenProtocol
import Testing

/// Which fault is told when there are several, and what can be read all the same.
@Suite struct EnvelopeReaderOrderTests {
    /// Members of a command in the order in which their faults are told: the text of a wrong one, and the refusal.
    static let faults: [(member: String, refusal: String)] = [
        (#""type":1"#, "invalid_field type"), (#""id":1"#, "invalid_field id"), (#""timestamp":1"#, "invalid_field timestamp"),
        (#""channel":1"#, "invalid_field channel"), (#""action":1"#, "invalid_field action"), (#""data":1"#, "invalid_field data"),
        (#""auth":{"signature":1,"token":1,"x":1}"#, "invalid_field auth.token"), (#""offset":1,"offset":1"#, "invalid_field offset"),
        (#""x":1,"x":1"#, "invalid_field"),
    ]
    static let right = [
        #""type":"command""#, #""id":"1""#, #""timestamp":"2026-11-24T00:15:42Z""#, #""channel":"a""#, #""action":"a""#,
        #""data":{}"#, #""auth":{"token":"t"}"#, #""offset":1"#, #""x":1"#,
    ]

    /// From each member on all are wrong, those before it right, in any order of the text: the first one is told.
    @Test(arguments: faults.indices) func tellsTheFirstMemberOfItsOrder(_ first: Int) {
        var random = SeededGenerator(seed: UInt64(first))
        for _ in 0..<20 {
            var members = Self.right[..<first] + Self.faults[first...].map(\.member)
            members.shuffle(using: &random)
            #expect(Reading("{\(members.joined(separator: ","))}").refusal == Self.faults[first].refusal)
        }
    }

    @Test func malformedComesBeforeEverything() {
        #expect(Reading(#"{"type":1,"x":[[[[1]]]],"id":2]"#, maxDepth: 2).refusal == "malformed_json")
        #expect(Reading("[[[[", maxDepth: 2).refusal == "malformed_json")
        #expect(Reading(#"{"x":[[[[1]]]"#, maxDepth: 2).refusal == "malformed_json")
    }

    @Test func depthComesBeforeMembers() {
        #expect(Reading(#"{"type":1,"x":[[1]]}"#, maxDepth: 2).refusal == "too_deep")
        #expect(Reading(#"{"x":[[1]]}"#, maxDepth: 2).refusal == "too_deep")
    }

    /// The envelope is 1. What is deep stands in `data`, in `auth`, in an unknown member, and in one of the wrong type.
    @Test(arguments: [2, 3, 31, 32, 33, 1023, 1024]) func boundsTheDepth(_ maxDepth: Int) {
        func nested(_ depth: Int) -> String {
            String(repeating: #"{"a":"#, count: depth - 1) + "{}" + String(repeating: "}", count: depth - 1)
        }
        for (member, ownDepth) in [("\"data\":", 1), ("\"x\":", 1), ("\"auth\":{\"x\":", 2), ("\"id\":", 1)] {
            for depth in (maxDepth - 1)...(maxDepth + 1) where depth - ownDepth > 0 {
                let value = member + nested(depth - ownDepth) + (ownDepth == 2 ? "}" : "")
                let text = #"{"type":"command","channel":"a","action":"a","offset":1,\#(value)}"#
                let refusal = Reading(text, maxDepth: maxDepth).refusal
                #expect((refusal == "too_deep") == (depth > maxDepth), "\(member) \(depth) of \(maxDepth): \(refusal ?? "")")
            }
        }
    }

    @Test func aDepthBeyondTheScannersBoundIsTooDeepWhateverFollows() {
        let text = #"{"type":"ack","id":"1","x":"# + String(repeating: "[", count: 100_000)
        #expect(Reading(text).refusal == "too_deep")
    }

    /// A refused message is answered with what could be read of it.
    static let readable: [(String, id: String?, channel: String?, action: String?)] = [
        (#"{"type":"command","id":"1","channel":"a","action":"b","data":{"x":}"#, "1", "a", "b"),
        (#"{"id":"1","channel":"a" "#, "1", "a", nil), (#"{"action":"b","channel":"a","x":[[["#, nil, "a", "b"),
        (#"{"type":"event","id":"1","channel":"a","action":"b"}"#, "1", "a", "b"), (#"{"id":"1","id":"2","channel":"a"}"#, nil, "a", nil),
        (#"{"type":"command","id":"1","channel":"A","action":"b."}"#, "1", nil, nil), ("[1]", nil, nil, nil), ("", nil, nil, nil),
        (#"{"type":"command","id":"1","channel":"a","action":"b","x":[[[[1]]]]}"#, "1", "a", "b"),
    ]

    @Test(arguments: readable)
    func keepsWhatCouldBeRead(_ text: String, _ id: String?, _ channel: String?, _ action: String?) {
        let message = Reading(text, maxDepth: 4)
        #expect(message.fault != nil)
        #expect(message.id == id)
        #expect(message.channel == channel)
        #expect(message.action == action)
    }

    /// Nothing of a message stays in the reader for the next one.
    @Test func forgetsTheMessageBefore() {
        var reader = EnvelopeReader()
        let full = #"{"type":"command","id":"1","timestamp":"2026-11-24T00:15:42Z","channel":"a","action":"a","data":{},"#
            + #""auth":{"token":"t","signature":"0"},"x":1,"y":1}"#
        for text in ["", "[]", "{}", #"{"x":1}"#, #"{"x":1,"x":1}"#, #"{"x":1,"auth":{"y":1,"#, #"{"x":1}"#, full, #"{"y":[[[[[1]]]]]}"#, full, full] {
            let bytes = Array(text.utf8)
            let again = Reading(bytes, by: &reader, maxDepth: 4)
            let fresh = Reading(bytes, maxDepth: 4)
            #expect(again.fault == fresh.fault)
            #expect(again.id == fresh.id && again.token == fresh.token && again.data == fresh.data)
            #expect(again.envelope.kind == fresh.envelope.kind)
        }
    }

    /// Members that repeat among very many others are found, wherever they stand.
    @Test(arguments: [2, 3, 10, 1_000]) func findsTheOneThatIsNamedTwice(_ count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        for hasTwin in [true, false] {
            var names = (0..<count).map { "m\($0)" }
            if hasTwin { names.append(random.pick(names)) }
            names.shuffle(using: &random)
            let members = names.map { "\"\($0)\":0" }.joined(separator: ",")
            #expect(Reading(#"{"type":"ack","id":"1",\#(members)}"#).refusal == (hasTwin ? "invalid_field" : nil))
            #expect(Reading(#"{"type":"ack","id":"1","auth":{\#(members)}}"#).refusal == (hasTwin ? "invalid_field" : nil))
        }
    }

    /// The same name in the envelope and in `auth` is not named twice.
    @Test func envelopeAndAuthAreApart() {
        #expect(Reading(#"{"type":"ack","id":"1","x":1,"auth":{"x":1,"type":2,"id":3},"token":4,"signature":5}"#).refusal == nil)
    }

    /// Every beginning of a right message is malformed, and every change of a byte is decided without a trap.
    @Test func noPrefixAndNoChangedByteTraps() {
        let text = Array(
            #"{"type":"command","id":"ä\u00e4","channel":"a","action":"b","data":{"a":[1e3,{}]},"auth":{"token":"t"}}"#.utf8)
        for count in text.indices { #expect(Reading(Array(text.prefix(count))).fault?.code == .malformedJSON, "\(count)") }
        var random = SeededGenerator(seed: 1)
        for place in text.indices {
            for byte in random.bytes(16) {
                var changed = text
                changed[place] = byte
                let message = Reading(changed)
                let isValid = scan(changed).fault == nil
                #expect((message.fault?.code == .malformedJSON) == !isValid)
            }
        }
    }
}
