import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// Takes one message out of this loop's mailbox; its place is free again.
    package mutating func deliver(_ mail: consuming Mail, at now: Moment) {
        if case .stamped(let inner, _) = mail { return self.deliver(inner, at: now) }
        if let purse = mail.purse, !KnownBug.mailPlaceKept.isLoose { self.places.release(of: purse, at: self.loop) }
        switch mail {
        case .event(let event, let report):
            let count = self.fanOut(event, at: now)
            guard let report else { break }
            self.effects.append(
                .post(.receivers(count: count, publication: report.publication), to: report.loop))
        case .receivers(let count, let publication):
            self.receiversCounted(count, publication: publication, at: now)
        case .claimKey(let key, let event, let isPending, let loop, let publication):
            let known = self.publishKeys.claim(key, for: event, isPending: isPending, at: now.instant)
            let verdict = KnownBug.publishKeyForgotten.isLoose ? .granted : known
            self.effects.append(.post(.keyVerdict(verdict, publication: publication), to: loop))
        case .keyVerdict(let verdict, let publication):
            self.keyDecided(verdict, publication: publication, at: now)
        case .settleKey(let key, let event, let isCommitted):
            self.publishKeys.settle(key, for: event, isCommitted: isCommitted)
        case .prepare(let event, let report):
            self.prepare(event, for: report, at: now)
        case .prepared(let answer, let publication):
            self.othersPrepared(answer, publication: publication, at: now)
        case .decided(let slot, let isCommitted):
            self.decide(prepared: slot, isCommitted: isCommitted, at: now)
        case .stored(let answer):
            self.stored(answer, at: now)
        case .publish(let publish):
            self.publish(publish, at: now)
        case .link(let mail):
            self.linked(mail, at: now)
        case .expireLongestDetached:
            self.keepDetachedWithinBounds()
        case .answer(let answer):
            self.answered(answer, at: now)
        case .keys(let keys):
            self.replaceKeys(by: keys, at: now)
        case .policy(let policy):
            self.replacePolicy(by: policy, at: now)
        case .drain(let spread):
            self.beginDrain(spread: spread, at: now)
        case .disconnect(let selector, let answer):
            answer(self.disconnect(selector, at: now))
        case .describe(let page, let answer):
            answer(self.describeConnections(page))
        case .describeSessions(let page, let answer):
            answer(self.describeSessions(page))
        case .ticket(let ticket, let answer):
            self.tickets.insert(ticket, at: now.instant)
            answer()
        case .refusedElsewhere(let code, let offender):
            self.count(code)
            self.offend(code, offender, at: now)
        case .limitedElsewhere(let name, let offender, let isDryRun):
            self.counters.add(self.metrics.rateLimited[name.rawValue])
            if isDryRun { self.reportDryRun(name, offender, at: now) }
        case .identityBlocked(let offender):
            self.closeConnections(of: offender, at: now)
        case .describeBlocks(let answer):
            answer(self.blocks.all)
        case .liftBlocks(let address, let answer):
            answer(self.liftBlocks(of: CountedAddress(address), at: now))
        case .stamped:
            break  // It was taken out of its envelope above.
        }
    }

    /// Connections whose key is gone, revoked or expired are closed; the others go on under what their key says now.
    private mutating func replaceKeys(by keys: KeyRing, at now: Moment) {
        self.keys = keys
        for slot in self.connections.slotIndices where self.connections.isInUse(slot) {
            guard let grant = self.connections[slot].grant else { continue }
            guard let successor = keys.successor(of: grant, at: now.wall) else {
                self.close(slot, .keyEnded, because: .authenticationRevoked, at: now)
                continue
            }
            self.connections[slot].grant = successor
            self.watchExpiry(of: successor, slot: slot, at: now)
        }
        for slot in self.sessions.slotIndices where self.sessions.isInUse(UInt32(slot)) {
            self.replaceKey(of: UInt32(slot), at: now)
        }
    }

    /// A session can be resumed by any key of its identity, so it goes on under another one, and ends with the last.
    private mutating func replaceKey(of session: UInt32, at now: Moment) {
        let grant = self.sessions[session].grant
        if let successor = self.keys.successor(of: grant, at: now.wall)
            ?? self.keys.grant(ofIdentity: grant.identity, at: now.wall)
        {
            self.sessions[session].grant = successor
            self.dropForbiddenSubscriptions(of: session)
        } else if self.sessions[session].attachment == .detached, !self.keys.mayReturn(grant) {
            self.endSession(session)
        }
    }

    private mutating func disconnect(_ selector: ConnectionSelector, at now: Moment) -> Int {
        var count = 0
        for slot in self.connections.slotIndices
        where self.connections.isInUse(slot) && self.connections[slot].machine.acceptsWork
            && self.isSelected(slot, by: selector)
        {
            self.close(slot, .disconnectedByOperator, because: nil, at: now)
            count += 1
        }
        return count
    }

    private func isSelected(_ slot: Int, by selector: ConnectionSelector) -> Bool {
        switch selector {
        case .session(let id):
            return self.sessionID(ofConnection: slot) == id
        case .identity(let identity):
            return self.connections[slot].grant?.identity == identity
        case .address(let address):
            return self.connections[slot].peer.high == address.high && self.connections[slot].peer.low == address.low
        }
    }
}
