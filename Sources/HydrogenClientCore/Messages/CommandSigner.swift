import HydrogenCrypto
import HydrogenProtocol

/// Signs the commands of one connection. Time stamps are those of the server's clock, told by its greeting and carried
/// on by ours: a client whose clock is wrong signs right.
struct CommandSigner: Sendable {
    private let key: [UInt8]
    /// The server's clock less ours, in milliseconds.
    private var difference: Int64
    private var timestamps = TimestampWriter()

    /// A command whose signature is not written yet: places in the buffer.
    struct Unsigned {
        fileprivate var id: Range<Int>
        fileprivate var timestamp: Range<Int>
        fileprivate var signature: Int
        fileprivate var body: Int
    }

    /// - Returns: nil for a greeting without a key or a time.
    init?(_ greeting: SessionGreeting, at now: Instant) {
        guard let key = greeting.signingKey, let sentAt = greeting.sentAt else { return nil }
        self.key = key
        self.difference = sentAt.milliseconds - now.nanoseconds / 1_000_000
    }

    /// A response tells the server's time again: its clock may have been set. (An event may be old.)
    mutating func heard(_ response: ServerMessage, _ bytes: Span<UInt8>, at now: Instant) {
        guard let sentAt = response.timestamp?.withBytes(in: bytes, Timestamp.parse) else { return }
        self.difference = sentAt.milliseconds - now.nanoseconds / 1_000_000
    }

    /// Appends a command up to its body, with room for its signature.
    mutating func appendHead(
        command number: CommandNumber, token: Span<UInt8>, at now: Instant, to out: inout [UInt8]
    ) -> Unsigned {
        let id = ClientMessage.append(number, to: &out)
        out.append(",\"timestamp\":\"")
        let start = out.count
        self.timestamps.append(
            WallTime(milliseconds: now.nanoseconds / 1_000_000 + self.difference), to: &out)
        let timestamp = start..<out.count
        out.append("\",\"auth\":{\"token\":")
        out.append(jsonString: token)
        out.append(",\"signature\":\"")
        let signature = out.count
        out.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 2 * Digest.byteCount))
        out.append("\"}")
        return Unsigned(id: id, timestamp: timestamp, signature: signature, body: out.count)
    }

    /// Writes the signature of a command whose body is there by now.
    func sign(_ command: Unsigned, in out: inout [UInt8]) {
        let body = ClientMessage.parts(ofBody: command.body, in: out.span)
        let signature = CommandSignature.make(
            key: self.key.span, id: out.span.extracting(command.id),
            timestamp: out.span.extracting(command.timestamp), channel: out.span.extracting(body.channel),
            action: out.span.extracting(body.action), data: out.span.extracting(body.data))
        var digits: [UInt8] = []
        signature.appendHexadecimal(to: &digits)
        for index in digits.indices { out[command.signature + index] = digits[index] }
    }
}

extension ClientCore {
    /// Writes a command to where it leaves from, with a signature if it is to have one.
    ///
    /// - Parameter appendBody: Writes it from its channel on, up to the last brace.
    mutating func write(
        _ number: CommandNumber, token: [UInt8], isSigned: Bool, at now: Instant,
        _ appendBody: (inout [UInt8]) -> Void
    ) {
        guard isSigned, let head = self.signer?.appendHead(
            command: number, token: token.span, at: now, to: &self.outgoing)
        else {
            ClientMessage.appendHead(command: number, token: token.span, to: &self.outgoing)
            return appendBody(&self.outgoing)
        }
        appendBody(&self.outgoing)
        self.signer?.sign(head, in: &self.outgoing)
    }

    /// Whether an action is to be signed.
    func signs(_ channel: Span<UInt8>, _ action: Span<UInt8>) -> Bool {
        for signed in self.configuration.signedActions where signed.matches(channel: channel, action: action) {
            return true
        }
        return false
    }
}
