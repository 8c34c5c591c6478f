import HydrogenProtocol

/// A message that is sent many times, and differs only in its number: twelve digits at a fixed place.
struct MessageTemplate {
    private(set) var bytes: [UInt8] = []
    /// Where the digits stand; nil for a message that is always the same.
    private(set) var numberOffset: Int?

    static let digitCount = 12

    init() {}

    /// A message that is sent as it is.
    init(plain bytes: [UInt8]) { self.bytes = bytes }

    /// A command; its id is the number.
    ///
    /// - Parameters:
    ///   - data: the JSON text of an object; nil makes one so large that the message has `byteCount` bytes, if it can be.
    init(channel: String, action: String, data: [UInt8]?, token: [UInt8], byteCount: Int) {
        let head = "{\"type\":\"command\",\"id\":\""
        let afterID = "\",\"channel\":\"\(channel)\",\"action\":\"\(action)\",\"data\":"
        let auth = token.isEmpty ? "}" : ",\"auth\":{\"token\":\"\(String(decoding: token, as: UTF8.self))\"}}"
        let frameCount = head.utf8.count + Self.digitCount + afterID.utf8.count + auth.utf8.count
        self.bytes += head.utf8
        self.numberOffset = self.bytes.count
        self.bytes += repeatElement(UInt8(ascii: "0"), count: Self.digitCount)
        self.bytes += afterID.utf8
        self.bytes += data ?? Self.padding(byteCount: byteCount - frameCount)
        self.bytes += auth.utf8
    }

    /// A publish to all subscribers of an action, whose event is of about `byteCount` bytes.
    init(channel: String, event: String, data: [UInt8]?, token: [UInt8], byteCount: Int) {
        // What an event has around its data.
        let envelopeByteCount = 140
        let inner = data ?? Self.padding(byteCount: byteCount - envelopeByteCount)
        let request = Array("{\"action\":\"\(event)\",\"data\":".utf8) + inner + Array("}".utf8)
        self.init(channel: channel, action: "publish", data: request, token: token, byteCount: 0)
    }

    /// An object of so many bytes; the smallest there is, where they are too few.
    private static func padding(byteCount: Int) -> [UInt8] {
        let frame = "{\"fill\":\"\"}"
        guard byteCount >= frame.utf8.count else { return Array("{}".utf8) }
        let fill = String(repeating: "x", count: byteCount - frame.utf8.count)
        return Array("{\"fill\":\"\(fill)\"}".utf8)
    }

    /// Writes the number into the message.
    mutating func setNumber(_ number: Int) {
        guard let offset = self.numberOffset else { return }
        var rest = number
        for place in (offset..<offset &+ Self.digitCount).reversed() {
            self.bytes[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}

/// What Hydrogen's answers are looked at for.
enum Answers {
    private static let idPrefix = Array("{\"type\":\"response\",\"id\":\"".utf8)
    private static let ok = Array(",\"status\":\"ok\"".utf8)

    /// Whether a message is the answer "ok" to the command of this number.
    static func isOk(_ payload: Span<UInt8>, number: Int) -> Bool {
        let digits = self.idPrefix.count
        guard payload.count > digits + MessageTemplate.digitCount,
            payload.extracting(..<digits).isEqual(to: self.idPrefix.span)
        else { return false }
        var rest = number
        for place in (digits..<digits + MessageTemplate.digitCount).reversed() {
            guard payload[place] == UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10) else { return false }
            rest /= 10
        }
        return self.contains(self.ok, in: payload, from: digits + MessageTemplate.digitCount)
    }

    private static func contains(_ text: [UInt8], in payload: Span<UInt8>, from start: Int) -> Bool {
        var index = start
        while index &+ text.count <= payload.count {
            if payload[index] == text[0], payload.extracting(index..<index &+ text.count).isEqual(to: text.span) {
                return true
            }
            index &+= 1
        }
        return false
    }

    /// The token in the event `system/session`; nil if the message is another one.
    static func token(in payload: Span<UInt8>) -> [UInt8]? {
        guard let value = try? JSONScanner.validate(payload, maxDepth: JSONScanner.greatestDepth),
            value.member("action", in: payload)?.text?.equals("session", in: payload) == true
        else { return nil }
        return value.member("data", in: payload)?.member("token", in: payload)?.text?.decoded(in: payload)
    }
}
