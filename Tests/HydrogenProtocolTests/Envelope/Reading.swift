import HydrogenProtocol

/// What the reader made of a message.
struct Reading {
    let bytes: [UInt8]
    let fault: EnvelopeFault?
    let envelope: Envelope

    init(_ bytes: [UInt8], maxDepth: Int = 32) {
        var reader = EnvelopeReader()
        self.init(bytes, by: &reader, maxDepth: maxDepth)
    }

    init(_ text: String, maxDepth: Int = 32) { self.init(Array(text.utf8), maxDepth: maxDepth) }

    init(_ bytes: [UInt8], by reader: inout EnvelopeReader, maxDepth: Int = 32) {
        self.bytes = bytes
        self.fault = reader.read(bytes.span, maxDepth: maxDepth)
        self.envelope = reader.envelope
    }

    /// `code` or `code member`; nil if the message was taken.
    var refusal: String? {
        self.fault.map { fault in fault.field.map { "\(fault.code.name) \($0)" } ?? "\(fault.code.name)" }
    }

    var id: String? { self.text(self.envelope.id) }
    var timestamp: String? { self.text(self.envelope.timestamp) }
    var channel: String? { self.text(self.envelope.channel) }
    var action: String? { self.text(self.envelope.action) }
    var token: String? { self.text(self.envelope.token) }
    var signature: String? { self.text(self.envelope.signature) }
    var data: String? {
        self.envelope.data.map { String(decoding: self.bytes[$0.range.indices], as: UTF8.self) }
    }

    /// All of these.
    var texts: [String?] {
        [self.id, self.timestamp, self.channel, self.action, self.token, self.signature, self.data]
    }

    private func text(_ text: JSONText?) -> String? { text?.string(in: self.bytes.span) }
}
