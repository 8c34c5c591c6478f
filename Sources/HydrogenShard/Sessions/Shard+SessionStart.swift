import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// The 101 is on its way: the session begins, and its first message says so.
    package mutating func upgraded(_ id: ConnectionID, at now: Moment) {
        guard let slot = self.connections.slot(of: id), self.connections[slot].machine.kind == .established,
            let grant = self.connections[slot].grant
        else { return }
        self.releaseHandshakePlace(slot)
        guard self.connections[slot].subprotocol == .hydrogen else {
            self.step(.upgraded, slot: slot, at: now)
            self.watchExpiry(of: grant, slot: slot, at: now)
            return self.logOpened(id, slot, session: "", grant)
        }
        guard let secrets = SessionSecrets(&self.entropy) else {
            return self.step(.closeRequested(.internalError), slot: slot, at: now)
        }
        let session = SessionID.make(home: self.loop, random: secrets.id.span)
        self.connections[slot].session = self.sessions.insert(
            Session(id: session, tokens: SessionTokens(secrets.token), grant: grant, attachment: .here(id)))
        self.store?.begin(self.connections[slot].session, secrets.key, .new)
        self.note(self.connections[slot].session) { $0.isRecord = true }
        self.countSessions(.live, 1)
        self.connections[slot].signingKey = secrets.signingKey
        self.step(.upgraded, slot: slot, at: now)
        self.watchExpiry(of: grant, slot: slot, at: now)
        self.sendSession(
            session, of: grant.identity, token: secrets.token, signingKey: secrets.signingKey.text, slot: slot, at: now)
        self.logOpened(id, slot, session: session, grant)
        // Its request was checked before the drain began.
        if self.drain != nil { self.close(slot, .goingAway, because: .connectionDraining, at: now) }
    }

    private mutating func logOpened(_ id: ConnectionID, _ slot: Int, session: String, _ grant: Grant) {
        self.effects.append(
            .log(.opened(id, session: session, identity: grant.identity, self.connections[slot].peer)))
    }

    /// The event `system/session`, the first message of every connection.
    private mutating func sendSession(
        _ session: String, of identity: String, token: SessionToken, signingKey: [UInt8], slot: Int, at now: Moment
    ) {
        let timeouts = self.configuration.timeouts
        var data: [UInt8] = []
        // Mostly all of it: to grow step by step costs 2,000 instructions.
        data.reserveCapacity(512)
        data.append("{\"session\":")
        data.append(jsonString: session)
        data.append(",\"token\":")
        data.append(jsonString: token.text.span)
        data.append(",\"signing_key\":")
        data.append(jsonString: signingKey.span)
        data.append(",\"resumed\":false,\"offset\":0,\"identity\":")
        data.append(jsonString: identity)
        data.append(",\"heartbeat_interval_ms\":")
        data.append(decimal: timeouts.heartbeatInterval.milliseconds)
        data.append(",\"idle_timeout_ms\":")
        data.append(decimal: timeouts.idleTimeout.milliseconds)
        data.append(",\"resume_window_ms\":")
        data.append(decimal: self.configuration.sessions.resumeWindow.milliseconds)
        data.append(",\"max_message_bytes\":")
        data.append(decimal: Int64(self.configuration.maxMessageBytes))
        data.append(",\"server\":")
        data.append(jsonString: self.configuration.serverVersion)
        data.append(",\"node\":")
        data.append(jsonString: self.configuration.node)
        data.append(",\"protocol\":1}")

        self.eventNumber += 1
        let id = EventID(origin: self.eventOrigin, loop: UInt32(self.loop), number: self.eventNumber)
        let start = self.outgoing.beginFrame()
        self.writer.appendEvent(
            to: &self.outgoing.bytes, id: id.text.utf8.span, channel: "system".utf8.span, action: "session".utf8.span,
            data: data.span, at: now.wall)
        EnvelopeWriter.appendEventTail(EventTail(), to: &self.outgoing.bytes)
        let frame = self.outgoing.endFrame(.text, start)
        self.enqueue(frame, .notice, .critical, slot: slot, at: now)
    }
}
