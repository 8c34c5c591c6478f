import HydrogenConnection
import HydrogenMetrics
import HydrogenProtocol

extension Shard {
    /// Hands one event to the machine of a connection, counts the transition, and does what the machine asks for.
    ///
    /// This is the only place where a machine is moved.
    mutating func step(_ event: ConnectionStateMachine.Event, slot: Int, at now: Moment) {
        let before = self.connections[slot].machine.kind
        let action = self.connections[slot].machine.receive(event, at: now.instant, self.configuration.timeouts)
        let after = self.connections[slot].machine.kind
        self.journal?.append(
            MachineStep(
                id: self.connections.id(ofSlot: slot), event: event.kind, before: before, after: after,
                action: action.kind))
        // By the numbers: `!=` of another module's enumeration is a call through a witness, 80 instructions.
        if before.rawValue != after.rawValue {
            self.countTransition(from: before, to: after)
            self.armDeadline(slot)
            if after == .closing || after == .failed { self.countReason(of: slot, at: now) }
        }
        if case .none = action { return }
        self.perform(action, slot: slot, at: now)
    }

    /// Counts and tells why a connection ends. A drain is nobody's fault.
    private mutating func countReason(of slot: Int, at now: Moment) {
        guard let reason = self.connections[slot].machine.closeReason, reason != .connectionDraining,
            !self.connections[slot].isReasonCounted
        else { return }
        self.count(reason)
        self.offend(reason, slot: slot, at: now)
        if self.connections[slot].machine.kind == .failed, !self.connections[slot].standing.isRefused {
            self.effects.append(.log(.dropped(self.connections[slot].peer, reason)))
        }
    }

    private mutating func countTransition(
        from before: ConnectionStateMachine.Kind, to after: ConnectionStateMachine.Kind
    ) {
        if let index = Transition(from: before, to: after).index {
            self.counters.add(self.metrics.transitions[index])
        }
        let isTwice = KnownBug.gaugeDecrementedTwice.isLoose && after == .closed
        self.counters.add(self.metrics.connections[Int(before.rawValue)], isTwice ? -2 : -1)
        if let phase = ShardMetrics.contextSeries(before) { self.counters.add(self.metrics.contexts[phase], -1) }
        self.countEntry(into: after)
    }

    /// A connection is in this state now. A freed one is counted, and in no state.
    mutating func countEntry(into kind: ConnectionStateMachine.Kind) {
        guard let phase = ShardMetrics.contextSeries(kind) else {
            self.counters.add(self.metrics.contextsFreed[0])
            return
        }
        self.counters.add(self.metrics.connections[Int(kind.rawValue)])
        self.counters.add(self.metrics.contexts[phase])
    }

    /// Looks at the deadlines of a connection again: those of its state, and of a message that is not whole yet.
    mutating func armDeadline(_ slot: Int) {
        var deadline = self.connections[slot].machine.deadline(self.configuration.timeouts)
        if self.connections[slot].isMessageOpen, self.connections[slot].machine.acceptsWork {
            let messageDeadline = self.connections[slot].messageStartedAt + self.configuration.messageTimeout
            deadline = deadline.map { min($0, messageDeadline) } ?? messageDeadline
        }
        self.connectionDeadlines.set(deadline, for: UInt32(slot))
    }

    /// The transport of a connection is gone: told exactly once for each that was accepted.
    package mutating func transportEnded(_ id: ConnectionID, _ reason: TransportEnd, at now: Moment) {
        guard let slot = self.connections.slot(of: id) else { return }
        switch reason {
        case .tls: self.count(.connectionTLS)
        case .lost where self.connections[slot].machine.acceptsWork: self.count(.connectionReset)
        case .lost, .closed, .aborted: break
        }
        self.step(.transportEnded, slot: slot, at: now)
        self.releaseHandshakePlace(slot)
        self.leaveIdentity(slot, at: now)
        if self.connections[slot].holdsConnectionPlace {
            self.connections[slot].holdsConnectionPlace = false
            let isKept = KnownBug.connectionPlaceKept.isLoose && self.connections[slot].machine.closeCode == 1006
            if !isKept { self.ledger.releaseConnection() }
            self.logClosed(id, slot, at: now.instant)
        }
        self.releaseQueue(slot)
        self.connections[slot].replays = nil
        self.leaveSession(slot, at: now)
        self.keyExpiries.set(nil, for: id.slot)
        self.closedThisTurn.append(id)
    }

    private mutating func logClosed(_ id: ConnectionID, _ slot: Int, at now: Instant) {
        let code = self.connections[slot].machine.closeCode ?? CloseCode.abnormal.rawValue
        self.counters.add(self.metrics.closed[ShardMetrics.closedSeries(code)])
        // Member by member: a copy of the connection costs 1,400 instructions.
        self.effects.append(
            .log(
                .closed(
                    id, session: self.sessionID(ofConnection: slot),
                    identity: self.connections[slot].grant?.identity ?? "", self.connections[slot].peer, code: code,
                    after: now - self.connections[slot].acceptedAt, received: self.connections[slot].receivedCount,
                    sent: self.connections[slot].sentCount)))
    }

    mutating func releaseHandshakePlace(_ slot: Int) {
        if self.connections[slot].holdsHandshakeShare {
            self.connections[slot].holdsHandshakeShare = false
            self.ledger.releaseHandshakeShare(of: CountedAddress(self.connections[slot].peer))
        }
        let isLate = self.connections[slot].machine.closeReason == .connectionHandshakeTimeout
        guard self.connections[slot].holdsHandshakePlace, !(isLate && KnownBug.handshakePlaceKept.isLoose) else { return }
        self.connections[slot].holdsHandshakePlace = false
        self.ledger.releaseHandshake()
    }

    /// The end of a pass of the loop: what is due is written, and what is over is freed.
    package mutating func endTurn(at now: Moment, write: (ConnectionID, Span<UInt8>) -> WriteOutcome) {
        if !self.deadLetters.isEmpty { self.announceDeadLetters(at: now) }
        if !self.flushList.isEmpty { self.flush(at: now, write: write) }
        if !self.closedThisTurn.isEmpty {
            for index in self.closedThisTurn.indices {
                guard let slot = self.connections.slot(of: self.closedThisTurn[index]) else { continue }
                self.step(.turnEnded, slot: slot, at: now)
            }
            self.closedThisTurn.removeAll(keepingCapacity: true)
        }
        if self.drain != nil { self.finishDrain() }
        if self.store != nil { self.storeChanges(at: now) }
        self.postLinks(at: now)
        self.counters.set(self.metrics.mailboxMessages[0], Int64(self.places.takenCount(at: self.loop)))
        self.counters.publishIfRequested(to: self.snapshots)
    }

    /// How long the work of a pass took: it is told after its end, so a scrape shows it with the next one.
    package mutating func passed(in duration: Interval) {
        self.counters.observe(self.metrics.loopIteration, nanoseconds: duration.nanoseconds)
    }
}
