import Foundation
import HydrogenProtocol
import Testing

@Suite struct EnvelopeWriterTests {
    static let now = WallTime(milliseconds: 1_795_479_342_123)

    private func response(id: String, channel: String = "print", action: String = "a", data: String = "{}") -> String {
        written { out in
            var writer = EnvelopeWriter()
            writer.appendResponse(
                to: &out, id: id.utf8.span, channel: channel.utf8.span, action: action.utf8.span, data: data.utf8.span,
                at: Self.now)
        }
    }

    private func refusal(_ id: String?, _ channel: String?, _ action: String?, _ error: ResponseError) -> String {
        written { out in
            var writer = EnvelopeWriter()
            // A span cannot be made in `map`.
            if let id, let channel, let action {
                writer.appendResponse(
                    to: &out, id: id.utf8.span, channel: channel.utf8.span, action: action.utf8.span, error: error,
                    at: Self.now)
            } else {
                writer.appendResponse(to: &out, id: nil, channel: nil, action: nil, error: error, at: Self.now)
            }
        }
    }

    private func event(id: String = "e1-0-1", data: String = "{}", _ tail: EventTail) -> String {
        written { out in
            var writer = EnvelopeWriter()
            writer.appendEvent(
                to: &out, id: id.utf8.span, channel: "print".utf8.span, action: "job.done".utf8.span,
                data: data.utf8.span, at: Self.now)
            EnvelopeWriter.appendEventTail(tail, to: &out)
        }
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func writesAResponse() {
        #expect(
            self.response(id: "1", data: #"{"a": 1}"#)
                == #"{"type":"response","id":"1","timestamp":"2026-11-24T00:15:42.123Z","channel":"print","action":"a","#
                + #""status":"ok","data":{"a": 1}}"#)
    }

    @Test func writesARefusal() {
        #expect(
            self.refusal("1", "print", "a", ResponseError(.missingField, field: "topic"))
                == #"{"type":"response","id":"1","timestamp":"2026-11-24T00:15:42.123Z","channel":"print","action":"a","#
                + #""status":"error","error":{"category":"protocol","code":"missing_field","#
                + #""message":"a field is missing: topic","retryable":false}}"#)
    }

    @Test func writesARefusalOfWhatCouldNotBeRead() {
        #expect(
            self.refusal(nil, nil, nil, ResponseError(.malformedJSON))
                == #"{"type":"response","id":null,"timestamp":"2026-11-24T00:15:42.123Z","channel":"system","action":"error","#
                + #""status":"error","error":{"category":"protocol","code":"malformed_json","#
                + #""message":"the message is not valid JSON","retryable":false}}"#)
    }

    @Test func tellsWhenToTryAgain() throws {
        let text = self.refusal("1", "a", "b", ResponseError(.connectionRateLimited, retryAfterMilliseconds: 1_500))
        let error = try #require(try self.object(text)["error"] as? [String: Any])
        #expect(error["retry_after_ms"] as? Int == 1_500)
        #expect(error["retryable"] as? Bool == true)
        #expect(error["category"] as? String == "connection")
    }

    @Test func aFaultOfTheReaderNamesItsMember() throws {
        let fault = try #require(Reading(#"{"type":"command","id":"1","channel":1}"#).fault)
        let error = try #require(try self.object(self.refusal("1", "a", "b", ResponseError(fault)))["error"] as? [String: Any])
        #expect(error["message"] as? String == "a field is invalid: channel")
    }

    /// Every error as it goes out is JSON, with its name and category, and retryable as section 8 says.
    @Test(arguments: ErrorCode.allCases) func writesEveryError(_ code: ErrorCode) throws {
        let text = written { ResponseError(code).append(to: &$0) }
        let error = try self.object(text)
        #expect(error["code"] as? String == code.name.description)
        #expect(error["category"] as? String == code.category.rawValue)
        #expect(error["retryable"] as? Bool == (code.category == .connection || code == .busy || code == .timeout))
        #expect((error["message"] as? String)?.isEmpty == false)
        #expect(error["retry_after_ms"] == nil)
    }

    static let tails: [(EventTail, String)] = [
        (EventTail(), "}"), (EventTail(priority: .critical), #","priority":"critical"}"#),
        (EventTail(priority: .high), #","priority":"high"}"#), (EventTail(priority: .low), #","priority":"low"}"#),
        (EventTail(isRetained: true), #","retained":true}"#), (EventTail(offset: 1), #","offset":1,"ack":true}"#),
        (EventTail(offset: .max, attempt: 2), #","offset":9223372036854775807,"ack":true,"attempt":2}"#),
        // Nothing is told of attempts at what is not guaranteed.
        (EventTail(attempt: 3), "}"),
        (EventTail(priority: .low, isRetained: true, offset: 9, attempt: 10),
         #","priority":"low","retained":true,"offset":9,"ack":true,"attempt":10}"#),
    ]

    @Test(arguments: tails) func writesAnEventWithItsTail(_ tail: EventTail, _ end: String) {
        #expect(
            self.event(data: #"{"id":7}"#, tail)
                == #"{"type":"event","id":"e1-0-1","timestamp":"2026-11-24T00:15:42.123Z","channel":"print","#
                + #""action":"job.done","data":{"id":7}"# + end)
    }

    /// Whatever a client's id holds comes back to it unchanged through another parser.
    @Test func everyIDComesBack() throws {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<300 {
            var id = ""
            for _ in 0...random.below(30) {
                id.unicodeScalars.append(random.pick(["a", "\"", "\\", "/", "ä", "😀", "\u{a0}", "\u{2028}", "\u{fffd}", "<", "\u{10ffff}"]))
            }
            #expect(try self.object(self.response(id: id))["id"] as? String == id)
            #expect(try self.object(self.refusal(id, "a", "b", ResponseError(.failed)))["id"] as? String == id)
            #expect(try self.object(self.event(id: id, EventTail()))["id"] as? String == id)
        }
    }

    /// What the server writes, its own reader reads: the members are where the contract has them.
    @Test func theReaderFindsTheSameMembers() {
        let message = Reading(self.event(EventTail()))
        #expect(message.fault?.code == .unknownType)
        #expect(message.envelope.kind == .event)
        #expect(message.id == "e1-0-1")
        #expect(message.channel == "print")
        #expect(message.action == "job.done")
        #expect(message.timestamp == "2026-11-24T00:15:42.123Z")
    }

    @Test func appendsToWhatIsThere() {
        let text = written { out in
            out.append("x")
            EnvelopeWriter.appendEventTail(EventTail(), to: &out)
        }
        #expect(text == "x}")
    }
}
