import HydrogenProtocol

/// The reader agrees with the scanner, says the same twice, and its findings are ranges of the message.
func fuzzEnvelope(_ input: [UInt8]) {
    let bytes = input.span
    let maxDepth = 32
    var reader = EnvelopeReader()
    let fault = reader.read(bytes, maxDepth: maxDepth)
    let texts = findings(reader.envelope, in: bytes)
    require(reader.read(bytes, maxDepth: maxDepth) == fault, "the same message is read in two ways")
    require(findings(reader.envelope, in: bytes) == texts, "the same message has two contents")

    do {
        let value = try JSONScanner.validate(bytes, maxDepth: JSONScanner.greatestDepth)
        require(fault?.code != .malformedJSON, "the scanner accepts what the reader finds malformed")
        require((fault?.code == .notAnObject) == (value.kind != .object), "the reader and the scanner see two kinds of value")
    } catch {
        let expected: ErrorCode = error.kind == .tooDeep ? .tooDeep : .malformedJSON
        require(
            fault?.code == expected || fault?.code == .notAnObject && error.kind == .tooDeep,
            "the scanner says \(error.text), the reader \(String(describing: fault))")
    }
    answer(reader.envelope, to: bytes)
    _ = ServerMessage(bytes)
}

private func findings(_ envelope: Envelope, in bytes: Span<UInt8>) -> [String?] {
    [envelope.id, envelope.timestamp, envelope.channel, envelope.action, envelope.token, envelope.signature].map {
        $0?.string(in: bytes)
    }
}

/// Whatever was read, the answer to it is valid JSON.
private func answer(_ envelope: Envelope, to bytes: Span<UInt8>) {
    let id = envelope.id?.decoded(in: bytes)
    let channel = envelope.channel?.decoded(in: bytes) ?? []
    let action = envelope.action?.decoded(in: bytes) ?? []
    var writer = EnvelopeWriter()
    var out: [UInt8] = []
    if let id {
        writer.appendResponse(
            to: &out, id: id.span, channel: channel.span, action: action.span, error: ResponseError(.malformedJSON),
            at: WallTime(milliseconds: 1_800_000_000_000))
    } else {
        writer.appendResponse(
            to: &out, id: nil, channel: nil, action: nil, error: ResponseError(.malformedJSON),
            at: WallTime(milliseconds: 1_800_000_000_000))
    }
    let text = String(decoding: out, as: UTF8.self)
    guard let value = try? JSONScanner.validate(out.span, maxDepth: 32) else { return require(false, "no JSON: \(text)") }
    let told = value.member("id", in: out.span)?.text?.decoded(in: out.span)
    require(told == id, "the answer has another id: \(text)")
}
