import HydrogenProtocol

/// A command that a client signed and sent.
struct SignedCommand {
    var number: UInt32
    var bytes: [UInt8]
}

/// Signed commands that come again, or were changed: what somebody does who has read a connection, or has its client's
/// messages in a log.
extension World {
    /// Keeps what a client sends, if it is signed. Once it is served, it can be sent again.
    mutating func keepSigned(_ place: UInt32, _ number: UInt32, _ client: UInt32) {
        let bytes = self.packets[bytes: place]
        guard OutgoingMessage.find("\"signature\":\"", in: bytes.span, from: 0) != nil else { return }
        self.clients[Int(client)].signedUnderWay = SignedCommand(number: number, bytes: bytes)
    }

    /// A command of a client was served.
    mutating func noteServed(_ number: UInt32, of client: UInt32) {
        guard self.clients[Int(client)].signedUnderWay?.number == number else { return }
        self.clients[Int(client)].servedSigned = self.clients[Int(client)].signedUnderWay.take()
    }

    /// Sends the last signed command that was served, or what was made of it. One that a limit refused would be new.
    mutating func sendForgery(_ input: HostileInput, _ client: UInt32) {
        guard let command = self.clients[Int(client)].servedSigned else { return }
        var (number, bytes) = (command.number, command.bytes)
        switch input {
        case .forgedSignature:
            // Under its own id it would be a repeat.
            number = Self.forgedNumbers + number % Self.forgedNumbers
            Self.replace("\"id\":\"", in: &bytes, by: "\(number)")
        case .forgedTimestamp:
            Self.replace("\"timestamp\":\"", in: &bytes, by: "1999-12-31T23:59:59.999Z")
        default:
            break
        }
        self.sendRaw(bytes, [.isFirst, .isLast, .isForged], number: number, client)
    }

    /// No client sends so many commands.
    private static let forgedNumbers: UInt32 = 100_000_000

    /// Puts another text between a text and the next quotation mark.
    private static func replace(_ text: StaticString, in bytes: inout [UInt8], by other: String) {
        guard let start = OutgoingMessage.find(text, in: bytes.span, from: 0),
            let end = OutgoingMessage.quote(in: bytes.span, from: start)
        else { return }
        bytes.replaceSubrange(start..<end, with: other.utf8)
    }
}
