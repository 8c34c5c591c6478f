import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// `resume`: this connection goes on with an earlier session.
    mutating func resume(_ command: Command, _ bytes: Span<UInt8>) {
        let request: ResumeRequest
        do throws(InvalidData) {
            request = try ResumeRequest(command.data, in: bytes)
        } catch {
            return self.fail(command, bytes, .invalidData, error.message)
        }
        guard !self.connections[command.slot].hasUsedSession else {
            return self.fail(command, bytes, .conflict, "this connection has used its own session")
        }
        guard let session = self.resumable(request, for: command.slot) else {
            self.countResume(.refused)
            return self.fail(command, bytes, .session)
        }
        guard request.offset <= self.sessions[session].outbox.last else {
            self.countResume(.refused)
            return self.fail(command, bytes, .invalidData, "offset is above the last one given")
        }
        guard let token = SessionSecrets.token(&self.entropy) else { return self.fail(command, bytes, .busy) }
        self.attach(session, to: command.slot, token: token, at: command.now)
        self.settle(through: request.offset, of: session)
        var data: [UInt8] = []
        data.append("{\"session\":")
        data.append(jsonString: request.session.span)
        data.append(",\"resumed\":true,\"token\":")
        data.append(jsonString: token.span)
        data.append(",\"pending\":")
        data.append(decimal: Int64(self.sessions[session].outbox.count))
        data.append(UInt8(ascii: "}"))
        self.succeed(command, bytes, data: data.span)
        self.pump(session)
    }

    /// The session that a request may have: live or detached, of the same identity, and named with a good token.
    private mutating func resumable(_ request: ResumeRequest, for slot: Int) -> UInt32? {
        guard SessionID.home(of: request.session.span, loopCount: self.places.loopCount) == self.loop,
            let session = self.sessions.find(String(decoding: request.session, as: UTF8.self)),
            session != self.connections[slot].session,
            self.sessions[session].grant.identity == self.connections[slot].grant?.identity,
            let token = self.sessions[session].tokens.index(of: request.token.span)
        else { return nil }
        self.sessions[session].tokens.arrived(token)
        return session
    }

    /// Gives a session to a connection: the fresh one that it came with ends, and a connection that has the session now
    /// is taken over.
    private mutating func attach(_ session: UInt32, to slot: Int, token: [UInt8], at now: Moment) {
        switch self.sessions[session].attachment {
        case .detached:
            self.leaveDetached(session)
            self.countSessions(.live, 1)
            self.countResume(.resumed)
        case .here(let id):
            self.countResume(.takenOver)
            self.takeOver(id, at: now)
            self.returnSendings(of: session)
        }
        self.endSession(self.connections[slot].session)
        self.connections[slot].session = session
        self.connections[slot].hasUsedSession = true
        self.sessions[session].attachment = .here(self.connections.id(ofSlot: slot))
        self.sessions[session].tokens.add(token)
        if let grant = self.connections[slot].grant { self.sessions[session].grant = grant }
        self.effects.append(
            .log(.resumed(self.connections.id(ofSlot: slot), session: self.sessions[session].id)))
    }

    /// The session of this connection goes on elsewhere.
    private mutating func takeOver(_ id: ConnectionID, at now: Moment) {
        guard let slot = self.connections.slot(of: id) else { return }
        self.connections[slot].session = SessionTable.none
        self.connections[slot].sendings = Queue()
        self.close(slot, .sessionTakenOver, because: nil, at: now)
    }

    mutating func countResume(_ outcome: ShardMetrics.ResumeOutcome) {
        self.counters.add(self.metrics.sessionsResumed[outcome.rawValue])
    }
}
