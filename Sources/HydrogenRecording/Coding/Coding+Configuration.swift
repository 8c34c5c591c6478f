import HydrogenConnection
import HydrogenProtocol
import HydrogenShard

extension ShardConfiguration: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.node)
        encoder.append(self.serverVersion)
        encoder.append(self.path)
        encoder.append(self.offersEcho)
        encoder.append(self.maxConnections)
        encoder.append(self.maxHandshakes)
        encoder.append(self.timeouts)
        encoder.append(self.messageTimeout)
        encoder.append(self.commandTimeout)
        encoder.append(self.maxMessageBytes)
        encoder.append(self.maxJSONDepth)
        encoder.append(self.maxCommandsInFlight)
        encoder.append(self.maxFilterBytes)
        encoder.append(self.maxRetained)
        encoder.append(self.maxSubscriptions)
        encoder.append(self.maxSendQueueBytes)
        encoder.append(self.maxPublishKeys)
        encoder.append(self.maxAddresses)
        encoder.append(self.sessions)
        encoder.append(self.delivery)
        encoder.append(self.channels)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(
            node: try decoder.text(), serverVersion: try decoder.text(), path: try decoder.text(),
            offersEcho: try decoder.flag(), maxConnections: try decoder.integer(),
            maxHandshakes: try decoder.integer(), timeouts: try decoder.value(), messageTimeout: try decoder.value(),
            commandTimeout: try decoder.value(), maxMessageBytes: try decoder.integer(),
            maxJSONDepth: try decoder.integer(), maxCommandsInFlight: try decoder.integer(),
            maxFilterBytes: try decoder.integer(), maxRetained: try decoder.integer(),
            maxSubscriptions: try decoder.integer(), maxSendQueueBytes: try decoder.integer(),
            maxPublishKeys: try decoder.integer(), maxAddresses: try decoder.integer(),
            sessions: try decoder.value(), delivery: try decoder.value(), channels: try decoder.array())
    }
}

extension ConnectionStateMachine.Timeouts: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.handshake)
        encoder.append(self.heartbeatInterval)
        encoder.append(self.heartbeatTimeout)
        encoder.append(self.inactiveTimeout)
        encoder.append(self.idleTimeout)
        encoder.append(self.closeTimeout)
        encoder.append(self.zombieTimeout)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(
            handshake: try decoder.value(), heartbeatInterval: try decoder.value(),
            heartbeatTimeout: try decoder.value(), inactiveTimeout: try decoder.value(),
            idleTimeout: try decoder.value(), closeTimeout: try decoder.value(), zombieTimeout: try decoder.value())
    }
}

extension SessionSettings: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.resumeWindow)
        encoder.append(self.maxDetached)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(resumeWindow: try decoder.value(), maxDetached: try decoder.integer())
    }
}

extension DeliverySettings: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.window)
        encoder.append(self.ackTimeout)
        encoder.append(self.maxAttempts)
        encoder.append(self.maxOutboxEvents)
        encoder.append(self.maxOutboxBytes)
        encoder.append(self.isDurable)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(
            window: try decoder.integer(), ackTimeout: try decoder.value(), maxAttempts: try decoder.integer(),
            maxOutboxEvents: try decoder.integer(), maxOutboxBytes: try decoder.integer(),
            isDurable: try decoder.flag())
    }
}

extension ChannelDefinition: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.name)
        encoder.append(signed: Int64(self.service ?? -1))
        encoder.append(self.actions.count)
        for action in self.actions {
            encoder.append(action.name)
            encoder.append(action.description)
        }
        encoder.append(self.isOpenForPublishing)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        let name = try decoder.text()
        let service = try decoder.signed()
        guard service >= -1, service < 65_536 else { throw .malformed("a service") }
        var actions: [(name: String, description: String)] = []
        for _ in 0..<(try decoder.count()) { actions.append((try decoder.text(), try decoder.text())) }
        self.init(
            name: name, service: service < 0 ? nil : Int(service), actions: actions,
            isOpenForPublishing: try decoder.flag())
    }
}
