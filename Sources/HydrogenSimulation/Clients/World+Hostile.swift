import HydrogenClientCore
import HydrogenProtocol

/// What no client may send.
extension World {
    /// What a server answers without closing, as long as it is rare: what faults put into good clients' connections.
    static let harmlessInputs: [HostileInput] = [
        .malformedJSON, .notAnObject, .emptyMessage, .tooDeep, .unknownType, .missingField, .invalidField,
        .duplicateMember, .longId, .controlCharactersInId, .hugeNumber, .loneSurrogate, .emptyFragments, .wrongToken,
        .unknownAck, .responseFromClient, .noise, .mutatedCommand,
    ]

    mutating func sendHostile(_ input: HostileInput, _ client: UInt32) {
        if self.trace.isOn { self.trace.say("client \(client) hostile \(input.rawValue)") }
        switch input {
        case .unmaskedFrame:
            self.sendFromClient(client, .framingFault, code: CloseCode.protocolError.rawValue, flags: .isFirst)
        case .reservedOpcode, .fragmentedControlFrame, .continuationWithoutStart:
            self.sendFromClient(client, .framingFault, code: CloseCode.protocolError.rawValue)
        case .invalidUTF8:
            self.sendFromClient(client, .framingFault, code: CloseCode.invalidUTF8.rawValue)
        case .forbiddenCloseCode:
            self.sendFromClient(client, .close, code: CloseCode.abnormal.rawValue)
        case .oversize, .oversizeInFragments, .unfinishedMessage, .emptyFragments, .binary:
            self.sendHostileFragments(input, client)
        case .malformedJSON, .notAnObject, .emptyMessage, .tooDeep, .unknownType, .missingField, .invalidField,
            .duplicateMember, .longId, .controlCharactersInId, .hugeNumber, .loneSurrogate, .wrongToken, .unknownAck,
            .responseFromClient, .noise, .mutatedCommand:
            self.sendHostileText(input, client)
        case .replayedCommand, .forgedSignature, .forgedTimestamp:
            self.sendForgery(input, client)
        }
    }

    private mutating func sendHostileFragments(_ input: HostileInput, _ client: UInt32) {
        let limit = self.configuration.maxMessageBytes
        var text: [UInt8] = []
        switch input {
        case .oversize:
            text = Self.filler(limit + 1)
            self.sendRaw(text, [.isFirst, .isLast], client)
        case .oversizeInFragments:
            text = Self.filler(limit / 2 + 1)
            self.sendRaw(text, .isFirst, client)
            self.sendRaw(text, .isLast, client)
        case .unfinishedMessage:
            text.append("{\"type\":\"command\",")
            self.sendRaw(text, .isFirst, client)
            self.clients[Int(client)].hasUnfinishedMessage = true
        case .emptyFragments:
            text = self.command(id: "x-fragments", token: self.token(of: client), to: client)
            self.sendRaw([], .isFirst, client)
            self.sendRaw([], [], client)
            self.sendRaw(text, [.isLast, .isWild], client)
        default:
            text.append("bytes")
            self.sendRaw(text, [.isFirst, .isLast, .isBinary], client)
        }
    }

    private mutating func sendHostileText(_ input: HostileInput, _ client: UInt32) {
        var text: [UInt8] = []
        var flags: Packet.Flags = [.isFirst, .isLast, .isMalformed]
        let token = self.token(of: client)
        switch input {
        case .malformedJSON: text.append("{\"type\":\"command\",\"id\":\"x-1\",")
        case .notAnObject: text.append("[\"command\"]")
        case .tooDeep:
            let depth = self.configuration.maxJSONDepth + 1
            for _ in 0..<depth { text.append("{\"a\":") }
            text.append("1")
            for _ in 0..<depth { text.append("}") }
        case .unknownType: text.append("{\"type\":\"order\",\"id\":\"x-2\"}")
        case .missingField: text.append("{\"type\":\"command\",\"id\":\"x-3\",\"channel\":\"system\"}")
        case .invalidField: text.append("{\"type\":\"command\",\"id\":7,\"channel\":\"system\",\"action\":\"ping\"}")
        case .duplicateMember: text.append("{\"type\":\"command\",\"id\":\"x-4\",\"id\":\"x-5\",\"channel\":\"system\"}")
        case .longId: text = self.command(id: String(repeating: "x", count: 129), token: token, to: client)
        case .controlCharactersInId: text = self.command(id: "x\\u0007", token: token, to: client)
        case .hugeNumber: text = self.command(id: "x-6", token: token, data: "{\"n\":1e999999}", to: client)
        case .loneSurrogate:
            text = self.command(id: "x\\ud800", token: token, to: client)
            flags = [.isFirst, .isLast, .isWild]
        case .wrongToken: text = self.command(id: "x-7", token: "hs_nobody", to: client)
        case .responseFromClient: text.append("{\"type\":\"response\",\"id\":\"x-8\"}")
        case .unknownAck:
            text.append("{\"type\":\"ack\",\"id\":\"x-9\",\"auth\":{\"token\":")
            text.append(jsonString: token)
            text.append("}}")
            // While a session is being resumed, this is not its token yet.
            flags = [.isFirst, .isLast, .isWild]
        case .noise:
            for _ in 0..<1 + self.clients[Int(client)].faults.below(200) {
                text.append(UInt8(truncatingIfNeeded: 32 + self.clients[Int(client)].faults.below(95)))
            }
            flags = [.isFirst, .isLast, .isWild]
        case .mutatedCommand:
            text = self.command(id: "x-10", token: token, to: client)
            for _ in 0..<1 + self.clients[Int(client)].faults.below(3) {
                text[self.clients[Int(client)].faults.below(text.count)] =
                    UInt8(truncatingIfNeeded: 32 + self.clients[Int(client)].faults.below(95))
            }
            flags = [.isFirst, .isLast, .isWild]
        default: break  // An empty message.
        }
        // Without tokens a wrong one is as good as any.
        if case .wrongToken = input, !self.server.policy.requiresMessageToken { flags = [.isFirst, .isLast, .isWild] }
        self.sendRaw(text, flags, client)
    }

    /// A command with no token, or a wrong one.
    mutating func sendWithoutToken(_ template: CommandTemplate, _ client: UInt32) {
        var text: [UInt8] = []
        text.append("{\"type\":\"command\",\"id\":\"x-0\",\"channel\":")
        text.append(jsonString: template.channel.span)
        text.append(",\"action\":")
        text.append(jsonString: template.action.span)
        if template.token == .wrong { text.append(",\"auth\":{\"token\":\"hs_nobody\"}") }
        text.append(",\"data\":")
        template.appendData(command: self.clients[Int(client)].commandCount, client: Int64(client), to: &text)
        text.append("}")
        let isRefused = self.server.policy.requiresMessageToken
        self.sendRaw(text, [.isFirst, .isLast, isRefused ? .isMalformed : .isWild], client)
    }

    private func token(of client: UInt32) -> String {
        self.clients[Int(client)].core.session.map { String(decoding: $0.token, as: UTF8.self) } ?? ""
    }

    /// - Parameter id: as it stands in the JSON text.
    private func command(id: String, token: String, data: String = "{}", to client: UInt32) -> [UInt8] {
        Array(
            """
            {"type":"command","id":"\(id)","auth":{"token":"\(token)"},"channel":"system","action":"ping","data":\(data)}
            """.utf8)
    }

    private static func filler(_ count: Int) -> [UInt8] { Array(repeating: UInt8(ascii: "x"), count: count) }

    /// - Parameter number: of the command that an answer will name, where that is known.
    mutating func sendRaw(_ bytes: [UInt8], _ flags: Packet.Flags, number: UInt32 = 0, _ client: UInt32) {
        let link = self.clients[Int(client)].link
        guard link != LinkTable.none, self.links[link].hasClientSide, !self.clients[Int(client)].hasUnfinishedMessage
        else { return }
        var packet = Packet(link: link, linkGeneration: self.links[link].generation, kind: .message)
        packet.flags = flags
        packet.number = number
        packet.sentAt = self.clock.now.nanoseconds
        let place = self.packets.insert(packet)
        self.packets[bytes: place].append(contentsOf: bytes)
        self.launchToServer(place)
    }
}
