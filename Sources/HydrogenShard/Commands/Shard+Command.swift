import HydrogenProtocol

/// The actions that the loop answers itself, on every channel or on `system`.
enum BuiltInAction {
    case ping, whoami, channels, resume, refresh, subscribe, unsubscribe, publish
}

extension BuiltInAction? {
    /// Whether a command has to wait while it is not decided which session its connection has; a service is told the
    /// session too.
    fileprivate var isForSession: Bool {
        switch self {
        case .ping, .whoami, .channels: false
        case .resume, .refresh, .subscribe, .unsubscribe, .publish, nil: true
        }
    }
}

extension Shard {
    /// A well-formed command: token, permission, signature, existence, and then the one who answers it.
    mutating func commandReceived(_ envelope: Envelope, _ bytes: Span<UInt8>, slot: Int, at now: Moment) {
        guard let channelText = envelope.channel, let actionText = envelope.action else { return }
        let answerable = Answerable(envelope)
        let channel = channelText.withBytes(in: bytes) { self.channels.index(of: $0) }
        if let refusal = self.tokenRefusal(envelope, bytes, slot: slot) {
            return self.refuse(answerable, bytes, ResponseError(refusal), channel: channel, slot: slot, at: now)
        }
        let action = self.builtInAction(actionText, bytes, isSystem: channel == self.channels.system)
        guard self.isPermitted(action, channelText, actionText, bytes, slot: slot) else {
            return self.refuse(answerable, bytes, ResponseError(.forbidden), channel: channel, slot: slot, at: now)
        }
        if let channel, self.mustBeSigned(channel, actionText, bytes),
            let refusal = self.signatureRefusal(envelope, bytes, slot: slot, at: now)
        {
            return self.refuse(answerable, bytes, refusal, channel: channel, slot: slot, at: now)
        }
        guard let channel else {
            return self.refuse(answerable, bytes, ResponseError(.unknownChannel), channel: nil, slot: slot, at: now)
        }
        let command = Command(
            answerable: answerable, data: envelope.data, channel: channel, slot: slot, now: now)
        if self.connections[slot].isResuming, action.isForSession { return self.fail(command, bytes, .busy) }
        guard let action else { return self.dispatch(command, actionText, bytes) }
        switch action {
        case .ping: self.ping(command, bytes)
        case .whoami: self.whoami(command, bytes)
        case .channels: self.listChannels(command, bytes)
        case .resume: self.resume(command, bytes)
        case .refresh: self.refresh(command, bytes)
        case .subscribe: self.subscribe(command, bytes)
        case .unsubscribe: self.unsubscribe(command, bytes)
        case .publish: self.publish(command, bytes)
        }
    }

    private func builtInAction(_ action: JSONText, _ bytes: Span<UInt8>, isSystem: Bool) -> BuiltInAction? {
        if isSystem {
            if action.equals("ping", in: bytes) { return .ping }
            if action.equals("whoami", in: bytes) { return .whoami }
            if action.equals("channels", in: bytes) { return .channels }
            if action.equals("resume", in: bytes) { return .resume }
            if action.equals("refresh", in: bytes) { return .refresh }
        }
        if action.equals("publish", in: bytes) { return .publish }
        if action.equals("subscribe", in: bytes) { return .subscribe }
        if action.equals("unsubscribe", in: bytes) { return .unsubscribe }
        return nil
    }

    /// What needs no permission is listed here; everything else needs `channel:action`, also where it does not exist.
    private func isPermitted(
        _ action: BuiltInAction?, _ channelText: JSONText, _ actionText: JSONText, _ bytes: Span<UInt8>, slot: Int
    ) -> Bool {
        switch action {
        case .ping, .whoami, .channels, .resume, .refresh, .unsubscribe:
            return true
        case .subscribe, .publish, nil:
            guard let grant = self.connections[slot].grant else { return false }
            return channelText.withBytes(in: bytes) { channel in
                actionText.withBytes(in: bytes) { grant.permits(channel: channel, action: $0) }
            }
        }
    }
}

/// What a response repeats of the message that it answers, as far as that could be read.
struct Answerable {
    var id: JSONText?
    var channel: JSONText?
    var action: JSONText?

    init(_ envelope: Envelope) {
        self.id = envelope.id
        self.channel = envelope.channel
        self.action = envelope.action
    }
}

/// A command that was let through, as its handlers need it.
struct Command {
    var answerable: Answerable
    /// nil stands for `{}`.
    var data: JSONValue?
    /// Index of its channel.
    var channel: Int
    /// Slot of its connection.
    var slot: Int
    var now: Moment
}
