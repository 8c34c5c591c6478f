import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// `resume`: this connection goes on with an earlier session. The home of the session decides.
    mutating func resume(_ command: Command, _ bytes: Span<UInt8>) {
        let slot = command.slot
        let request: ResumeRequest
        do throws(InvalidData) {
            request = try ResumeRequest(command.data, in: bytes)
        } catch {
            return self.fail(command, bytes, .invalidData, error.message)
        }
        guard !self.connections[slot].hasUsedSession else {
            return self.fail(command, bytes, .conflict, "this connection has used its own session")
        }
        guard let grant = self.connections[slot].grant,
            let home = SessionID.home(of: request.session.span, loopCount: self.places.loopCount)
        else {
            self.countResume(.refused)
            return self.fail(command, bytes, .session)
        }
        if home == self.loop { return self.resumeHere(request, grant, command, bytes) }
        guard let answer = self.owe(command, bytes) else { return self.fail(command, bytes, .busy) }
        self.connections[slot].isResuming = true
        let connection = RemoteConnection(loop: self.loop, id: self.connections.id(ofSlot: slot))
        self.links.append(
            .resume(RemoteResume(request: request, grant: grant, connection: connection), answer), to: home)
    }

    /// A session of this loop for a connection of this loop.
    private mutating func resumeHere(
        _ request: ResumeRequest, _ grant: Grant, _ command: Command, _ bytes: Span<UInt8>
    ) {
        let slot = command.slot
        let fresh = self.connections[slot].session
        let connection = RemoteConnection(loop: self.loop, id: self.connections.id(ofSlot: slot))
        switch self.attach(request, grant, to: connection, at: command.now) {
        case .failure(let error):
            self.refuse(command.answerable, bytes, error, channel: command.channel, slot: slot, at: command.now)
        case .success(let resumed):
            self.connections[slot].session = resumed.session
            self.connections[slot].hasUsedSession = true
            self.endSession(fresh)
            self.logResumed(slot)
            if case .held = self.sessions[resumed.session].attachment {
                self.connections[slot].isResuming = true
                self.wait(.answer(self.oweAlways(command, bytes), .success(resumed.response)))
                self.wait(.attachment(self.attachmentName(of: resumed.session)))
            } else {
                self.succeed(command, bytes, data: resumed.response.span)
                self.pump(resumed.session)
            }
        }
    }

    struct Resumed {
        var session: UInt32
        /// The data of the response.
        var response: [UInt8]
    }

    /// Gives a session to a connection, and takes it from the one that has it now.
    mutating func attach(
        _ request: ResumeRequest, _ grant: Grant, to connection: RemoteConnection, at now: Moment
    ) -> Result<Resumed, ResponseError> {
        guard let session = self.resumable(request, by: grant), !self.has(connection, session) else {
            self.countResume(.refused)
            return .failure(ResponseError(.session))
        }
        guard request.offset <= self.sessions[session].outbox.last else {
            self.countResume(.refused)
            return .failure(ResponseError(.invalidData, message: "offset is above the last one given"))
        }
        guard let token = SessionSecrets.token(&self.entropy) else { return .failure(ResponseError(.busy)) }
        self.release(session, at: now)
        self.sessions[session].attachment = self.waitsForCommits ? .held(connection) : self.attachment(by: connection)
        self.sessions[session].attachmentNumber &+= 1
        self.sessions[session].tokens.add(token)
        self.sessions[session].grant = grant
        self.dropForbiddenSubscriptions(of: session)
        self.note(session) { $0.isRecord = true }
        self.countSessions(.live, 1)
        self.settle(through: request.offset, of: session)
        return .success(Resumed(session: session, response: self.response(to: request, session, token)))
    }

    /// Whether a connection has this session already.
    private func has(_ connection: RemoteConnection, _ session: UInt32) -> Bool {
        switch self.sessions[session].attachment {
        case .detached: false
        case .here(let id): connection == RemoteConnection(loop: self.loop, id: id)
        case .away(let other), .held(let other): connection == other
        }
    }

    private func attachment(by connection: RemoteConnection) -> Attachment {
        connection.loop == self.loop ? .here(connection.id) : .away(connection)
    }

    /// The store knows the token of a session's connection: it may be told.
    mutating func letGo(_ name: AttachmentName) {
        guard let session = self.sessions.find(name.session),
            self.sessions[session].attachmentNumber == name.number,
            case .held(let connection) = self.sessions[session].attachment
        else { return }
        self.sessions[session].attachment = self.attachment(by: connection)
        self.pump(session)
    }

    private func response(to request: ResumeRequest, _ session: UInt32, _ token: SessionToken) -> [UInt8] {
        var data: [UInt8] = []
        data.append("{\"session\":")
        data.append(jsonString: request.session.span)
        data.append(",\"resumed\":true,\"token\":")
        data.append(jsonString: token.text.span)
        data.append(",\"pending\":")
        data.append(decimal: Int64(self.sessions[session].outbox.count))
        data.append(UInt8(ascii: "}"))
        return data
    }

    /// The session that a request may have: live or detached, of the same identity, and named with a good token.
    private mutating func resumable(_ request: ResumeRequest, by grant: Grant) -> UInt32? {
        guard let session = self.sessions.find(String(decoding: request.session, as: UTF8.self)),
            self.sessions[session].grant.identity == grant.identity,
            let token = self.sessions.tokenIndex(of: request.token.span, at: session)
        else { return nil }
        self.tokenArrived(token, of: session)
        return session
    }

    /// Takes a session from whatever has it now.
    private mutating func release(_ session: UInt32, at now: Moment) {
        switch self.sessions[session].attachment {
        case .detached:
            self.leaveDetached(session)
            return self.countResume(.resumed)
        case .here(let id):
            self.takeOver(id, at: now)
        case .away(let connection):
            self.links.append(
                .takenOver(self.attachmentName(of: session), connection.id), to: connection.loop)
        case .held(let connection):
            // One of another loop is told when it is told that it has the session.
            if connection.loop == self.loop { self.takeOver(connection.id, at: now) }
        }
        self.countSessions(.live, -1)
        self.returnSendings(of: session)
        self.countResume(.takenOver)
    }

    private mutating func takeOver(_ id: ConnectionID, at now: Moment) {
        guard let slot = self.connections.slot(of: id) else { return }
        self.connections[slot].session = SessionTable.none
        self.connections[slot].sendings = Queue()
        self.close(slot, .sessionTakenOver, because: nil, at: now)
    }

    func attachmentName(of session: UInt32) -> AttachmentName {
        AttachmentName(
            session: self.sessions.reference(session), number: self.sessions[session].attachmentNumber)
    }

    mutating func logResumed(_ slot: Int) {
        self.effects.append(
            .log(.resumed(self.connections.id(ofSlot: slot), session: self.sessionID(ofConnection: slot))))
    }

    mutating func countResume(_ outcome: ShardMetrics.ResumeOutcome) {
        self.counters.add(self.metrics.sessionsResumed[outcome.rawValue])
    }
}
