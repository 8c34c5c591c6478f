import HydrogenConfiguration
import HydrogenProtocol
import HydrogenSimulation

extension ValueForm where Value == ClientGroup.Opening {
    /// `proper`, `silent`, `halfway`, `dribbling 1s`, `malformed path`.
    static var opening: ValueForm {
        let faults = ClientGroup.RequestFault.allCases.map(\.rawValue)
        return .parsed(
            "\"proper\", \"silent\", \"halfway\", \"dribbling 1s\" (a byte each), or \"malformed\" with one of "
                + faults.joined(separator: " "),
            regex: "^(proper|silent|halfway|dribbling [0-9dhmsu]+|malformed (\(faults.joined(separator: "|"))))$"
        ) { text in
            let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            switch (words.first, words.count) {
            case ("proper", 1): return .proper
            case ("silent", 1): return .silent
            case ("halfway", 1): return .halfway
            case ("dribbling", 2):
                return SpanText.read(words[1]).flatMap { $0 > .zero ? .dribbling(byteEvery: $0) : nil }
            case ("malformed", 2): return ClientGroup.RequestFault(rawValue: words[1]).map { .malformed($0) }
            default: return nil
            }
        } text: { opening in
            switch opening {
            case .proper: "proper"
            case .silent: "silent"
            case .halfway: "halfway"
            case .dribbling(let byteEvery): "dribbling \(SpanText.text(of: byteEvery))"
            case .malformed(let fault): "malformed \(fault.rawValue)"
            }
        }
    }
}

extension ValueForm where Value == Expectation.Quantity {
    /// `opened`, `refused 503`, `closed 4429`, `failed application.busy` …
    static var quantity: ValueForm {
        .parsed(
            "\"attempts\", \"opened\", \"refused\" (\"refused 503\"), \"dropped\", \"closed\" (\"closed 4429\"), "
                + "\"messages\", \"succeeded\", \"failed\" (\"failed application.busy\"), \"events\"",
            regex: "^(attempts|opened|refused( [0-9]{3})?|dropped|closed( [0-9]{4})?|messages|succeeded|"
                + "failed( [a-z]+\\.[a-z0-9_]+)?|events)$",
            parse: Self.parse, text: Self.quantityText)
    }

    private static func parse(_ text: String) -> Expectation.Quantity? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard let name = words.first, words.count <= 2 else { return nil }
        let detail = words.count == 2 ? words[1] : nil
        switch (name, detail) {
        case ("attempts", nil): return .attempts
        case ("opened", nil): return .opened
        case ("refused", nil): return .refused(status: nil)
        case ("refused", .some(let status)):
            return Int(status).flatMap { (400...599).contains($0) ? .refused(status: $0) : nil }
        case ("dropped", nil): return .dropped
        case ("closed", nil): return .closed(code: nil)
        case ("closed", .some(let code)):
            return UInt16(code).flatMap { (1_000...4_999).contains($0) ? .closed(code: $0) : nil }
        case ("messages", nil): return .messages
        case ("succeeded", nil): return .succeeded
        case ("failed", nil): return .failed(nil)
        case ("failed", .some(let code)):
            return ErrorCode.allCases.first { $0.qualifiedName == code }.map { .failed($0) }
        case ("events", nil): return .events
        default: return nil
        }
    }

    static func quantityText(_ quantity: Expectation.Quantity) -> String {
        switch quantity {
        case .attempts: "attempts"
        case .opened: "opened"
        case .refused(let status): status.map { "refused \($0)" } ?? "refused"
        case .dropped: "dropped"
        case .closed(let code): code.map { "closed \($0)" } ?? "closed"
        case .messages: "messages"
        case .succeeded: "succeeded"
        case .failed(let code): code.map { "failed \($0.qualifiedName)" } ?? "failed"
        case .events: "events"
        }
    }
}

extension ValueForm where Value == Priority {
    static var priority: ValueForm {
        let names = Priority.allCases.map { "\($0.name)" }
        return .parsed(
            names.map { "\"\($0)\"" }.joined(separator: ", "), regex: "^(\(names.joined(separator: "|")))$"
        ) { text in
            Priority.allCases.first { "\($0.name)" == text }
        } text: { value in
            "\(value.name)"
        }
    }
}

extension ValueForm where Value == WallTime {
    static var wallTime: ValueForm {
        .parsed(
            "a time of RFC 3339 in UTC, as \"2027-01-15T08:00:00Z\"",
            regex: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,3})?Z$"
        ) { text in
            Timestamp.parse(text.utf8.span)
        } text: { value in
            var bytes: [UInt8] = []
            var writer = TimestampWriter()
            writer.append(value, to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}

extension ValueForm where Value == InputID {
    /// As a shrunk scenario names what is left.
    static var inputID: ValueForm {
        .parsed(
            "\"client:7\", \"step:7:2\", \"fault:7:0\" or \"timeline:1\"",
            regex: "^((client|timeline):[0-9]+|(step|fault):[0-9]+:[0-9]+)$", parse: { InputID(text: $0) },
            text: \.text)
    }
}

extension ValueForm where Value == String {
    /// A name that this file gives.
    static var ownName: ValueForm {
        let regex = "^[a-z][a-z0-9_-]{0,63}$"
        return .parsed("[a-z][a-z0-9_-]{0,63}", regex: regex, parse: { ChannelName.isValid($0.utf8.span) ? $0 : nil }) {
            $0
        }
    }

    static var actionName: ValueForm {
        .parsed(
            "segments [a-z][a-z0-9_-]* joined by dots", regex: "^[a-z][a-z0-9_-]*(\\.[a-z][a-z0-9_-]*)*$",
            parse: { ActionName.isValid($0.utf8.span) ? $0 : nil }
        ) { $0 }
    }

    /// Text for people, up to so many bytes.
    static func prose(_ most: Int) -> ValueForm {
        .parsed(
            "a text of at most \(most) bytes", regex: "^[^\\u0000-\\u001f]*$",
            parse: { text in text.utf8.count <= most && !text.utf8.contains { $0 < 0x20 } ? text : nil }
        ) { $0 }
    }
}
