import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// A socket was accepted.
    /// - Returns: its name; nil if the transport must close it at once: too many handshakes are in progress, or its
    ///   address is blocked or connects too often and had its answers.
    package mutating func accepted(_ peer: PeerAddress, at now: Moment) -> ConnectionID? {
        self.counters.add(self.metrics.accepted[0])
        guard let standing = self.admit(peer, at: now) else {
            self.countClosedAtAccept()
            return nil
        }
        guard self.reserveHandshake(of: peer, standing) else {
            self.count(.connectionCapacity)
            self.countClosedAtAccept()
            return nil
        }
        var connection = Connection(
            machine: ConnectionStateMachine(acceptedAt: now.instant), peer: peer, acceptedAt: now.instant,
            acceptedWall: now.wall)
        connection.standing = standing
        connection.holdsHandshakePlace = true
        connection.holdsHandshakeShare = !standing.isForwarded
        let id = self.connections.insert(connection)
        self.countEntry(into: self.connections[Int(id.slot)].machine.kind)
        self.armDeadline(Int(id.slot))
        return id
    }

    /// A socket that was closed at once counts as one that failed and was freed: accepted ones stay the sum of all others.
    private mutating func countClosedAtAccept() {
        for step in [Transition(from: .connecting, to: .failed), Transition(from: .failed, to: .freed)] {
            if let index = step.index { self.counters.add(self.metrics.transitions[index]) }
        }
        self.counters.add(self.metrics.contextsFreed[0])
    }

    /// Takes one of the handshakes in progress, and of its address's share; whose share a proxy's takes, its request
    /// will say.
    private mutating func reserveHandshake(of peer: PeerAddress, _ standing: AddressStanding) -> Bool {
        guard self.ledger.reserveHandshake(maximum: self.configuration.maxHandshakes) else { return false }
        if standing.isForwarded || self.reserveHandshakeShare(of: CountedAddress(peer)) { return true }
        self.ledger.releaseHandshake()
        return false
    }

    /// The request was read: the checks of the opening handshake, in the order of the contract.
    package mutating func requested(
        _ request: HandshakeRequest, on id: ConnectionID, at now: Moment
    ) -> HandshakeDecision {
        guard let slot = self.connections.slot(of: id), self.connections[slot].machine.kind == .connecting
        else { return .drop }
        self.step(.requestRead, slot: slot, at: now)
        guard self.settleAddress(of: slot, request, at: now) else { return .drop }
        switch self.checked(request, slot: slot, at: now) {
        case .success(let admitted):
            guard self.ledger.reserveConnection(maximum: self.configuration.maxConnections) else {
                return .refuse(self.refuse(slot, Refusal(503, .connectionCapacity, after: Self.retryPause), at: now))
            }
            self.connections[slot].holdsConnectionPlace = true
            self.connections[slot].grant = admitted.grant
            self.connections[slot].subprotocol = admitted.subprotocol
            self.step(.accepted, slot: slot, at: now)
            return .accept(admitted.subprotocol)
        case .failure(let refusal):
            return .refuse(self.refuse(slot, refusal, at: now))
        }
    }

    /// When to try again at a server that is full or goes away: nobody knows when it will be better.
    private static let retryPause = Interval.seconds(5)

    private struct Admitted {
        var grant: Grant
        var subprotocol: Subprotocol
    }

    /// Why a request is not served.
    private struct Refusal: Error {
        var status: Int
        var code: ErrorCode
        var headers: [(name: String, value: String)] = []
        /// When to come back, where that is known to the nanosecond.
        var wait: Interval?

        init(_ status: Int, _ code: ErrorCode, header: (String, String)? = nil) {
            self.status = status
            self.code = code
            if let header { self.headers.append((header.0, header.1)) }
        }

        init(_ status: Int, _ code: ErrorCode, after pause: Interval) {
            self.init(status, code, header: ("Retry-After", "\(max(1, pause.secondsRoundedUp))"))
        }

        init(_ status: Int, _ code: ErrorCode, until end: Instant, at now: Instant) {
            let wait = max(end - now, Interval(nanoseconds: 1))
            self.init(status, code, after: wait)
            self.wait = wait
        }
    }

    private func checked(
        _ request: HandshakeRequest, slot: Int, at now: Moment
    ) -> Result<Admitted, Refusal> {
        let offered = (request.subprotocols ?? "").utf8.split(separator: UInt8(ascii: ",")).map {
            Substring($0).trimmingSpaces()
        }
        let credential = HandshakeCredential(authorization: request.authorization, offered: offered)
        if let refusal = self.requestRefusal(request, credential) { return .failure(refusal) }
        if self.drain != nil { return .failure(Refusal(503, .connectionDraining, after: Self.retryPause)) }
        if let refusal = self.addressRefusal(slot, at: now.instant) { return .failure(refusal) }
        guard let subprotocol = self.selected(from: offered) else {
            return .failure(Refusal(400, .subprotocol))
        }
        var hasKey = true
        if case .none = credential { hasKey = false }
        let isOriginAllowed = OriginCheck.passes(
            request.origin, host: request.host, allowed: self.policy.allowedOrigins, hasKey: hasKey)
        guard isOriginAllowed else { return .failure(Refusal(403, .authenticationOrigin)) }
        return self.grant(for: credential, request, at: now).flatMap { grant in
            let offender = Offender(CountedAddress(self.connections[slot].peer), identity: grant.identity)
            if let end = self.blockEnd(of: offender, at: now) {
                return .failure(Refusal(403, .connectionBlocked, until: end, at: now.instant))
            }
            return .success(Admitted(grant: grant, subprotocol: subprotocol))
        }
    }

    /// What accept, or the look at the request's address, found.
    private func addressRefusal(_ slot: Int, at now: Instant) -> Refusal? {
        let standing = self.connections[slot].standing
        if let end = standing.blockedUntil { return Refusal(403, .connectionBlocked, until: end, at: now) }
        if let end = standing.limitedUntil { return Refusal(429, .connectionRateLimited, until: end, at: now) }
        return nil
    }

    /// Method, version, host, path and upgrade (RFC 6455 §4.2.1).
    private func requestRefusal(_ request: HandshakeRequest, _ credential: HandshakeCredential) -> Refusal? {
        guard request.isGet else { return Refusal(405, .handshake, header: ("Allow", "GET")) }
        guard request.isHTTP11, let host = request.host, !host.isEmpty else { return Refusal(400, .handshake) }
        if case .ambiguous = credential { return Refusal(400, .handshake) }
        if let upgrade = request.upgrade {
            guard upgrade.utf8.span.isEqual(inAnyCaseTo: "websocket"), Self.isWebSocketKey(request.webSocketKey) else {
                return Refusal(400, .handshake)
            }
        }
        guard request.path == self.configuration.path else { return Refusal(404, .path) }
        guard request.upgrade != nil else { return Refusal(426, .upgradeRequired, header: ("Upgrade", "websocket")) }
        guard request.webSocketVersion == "13" else {
            return Refusal(426, .upgradeRequired, header: ("Sec-WebSocket-Version", "13"))
        }
        return nil
    }

    /// 16 bytes in base64 (RFC 6455 §4.1): 22 digits and two equals signs.
    private static func isWebSocketKey(_ text: String?) -> Bool {
        guard let text, text.utf8.count == 24 else { return false }
        let bytes = text.utf8.span
        guard bytes[22] == UInt8(ascii: "="), bytes[23] == UInt8(ascii: "=") else { return false }
        for index in 0..<22 {
            switch bytes[index] {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                continue
            default: return false
            }
        }
        return true
    }

    private func selected(from offered: [Substring]) -> Subprotocol? {
        if offered.contains(where: { $0 == Subprotocol.hydrogen.rawValue }) { return .hydrogen }
        if self.configuration.offersEcho, offered.contains(where: { $0 == Subprotocol.echo.rawValue }) { return .echo }
        return nil
    }

    private func grant(
        for credential: HandshakeCredential, _ request: HandshakeRequest, at now: Moment
    ) -> Result<Grant, Refusal> {
        let challenge = ("WWW-Authenticate", "Key")
        switch credential {
        case .none:
            // A browser sends a certificate without being asked, so its origin was checked as one without a key.
            if let subject = request.certificateSubject, let found = self.keys.grant(ofSubject: subject, at: now.wall) {
                return found.mapError { Refusal(401, $0.code, header: challenge) }
            }
            if let anonymous = self.keys.anonymous { return .success(anonymous) }
            return .failure(Refusal(401, .authenticationMissing, header: challenge))
        case .key(let token):
            return self.keys.grant(for: token.span, at: now.wall)
                .mapError { Refusal(401, $0.code, header: challenge) }
        case .ticket(let text):
            guard let ticket = self.tickets.find(text.span, at: now.instant), self.ledger.useTicket(ticket.number),
                let grant = self.keys.successor(of: ticket.grant(at: now.wall), at: now.wall)
            else { return .failure(Refusal(401, .authenticationInvalid, header: challenge)) }
            return .success(grant)
        case .unreadable, .ambiguous:
            return .failure(Refusal(401, .authenticationInvalid, header: challenge))
        }
    }

    private mutating func refuse(_ slot: Int, _ refusal: Refusal, at now: Moment) -> HandshakeRefusal {
        self.count(refusal.code)
        self.counters.add(self.metrics.handshakesRejected[Int(refusal.code.rawValue)])
        if !refusal.code.isAboutRates {
            self.effects.append(.log(.refused(self.connections[slot].peer, refusal.code, status: refusal.status)))
        }
        self.step(.refused, slot: slot, at: now)
        self.offend(refusal.code, slot: slot, at: now)
        var body: [UInt8] = []
        body.append("{\"error\":")
        ResponseError(refusal.code, retryAfterMilliseconds: refusal.wait?.millisecondsRoundedUp).append(to: &body)
        body.append("}\n")
        return HandshakeRefusal(
            status: refusal.status, code: refusal.code, headers: refusal.headers, body: body)
    }
}

extension ErrorCode {
    /// Refusals that come in floods: they are counted, and the log tells of the block alone.
    fileprivate var isAboutRates: Bool { self == .connectionBlocked || self == .connectionRateLimited }
}
