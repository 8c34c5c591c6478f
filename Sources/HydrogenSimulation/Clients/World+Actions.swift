import HydrogenClientCore
import HydrogenProtocol

/// What scripts, faults and the timeline do to clients and their connections.
extension World {
    mutating func act(_ action: ScriptAction, _ client: UInt32) {
        let index = Int(client)
        let link = self.clients[index].link
        if self.trace.isOn { self.trace.say("client \(client) \(action)") }
        guard link != LinkTable.none else { return }
        switch action {
        case .readAtMost(let rate):
            let usual = self.scenario.groups[Int(self.clients[index].group)].link.bytesPerSecond
            self.links[link].bytesPerSecond = rate ?? usual ?? 0
        case .stopReading:
            self.links[link].isReading = false
        case .resumeReading:
            self.readOn(link)
        case .goSilent:
            self.clients[index].isSilent = true
            self.links[link].isMute = true
        case .speak:
            self.clients[index].isSilent = false
            self.links[link].isMute = false
        case .holdEvents:
            self.clients[index].held = self.clients[index].held ?? []
        case .handleEvents:
            self.handleEvents(client)
            self.performEffects(ofClient: client)
        case .vanish:
            self.clients[index].isVanished = true
            self.links[link].path = .holding
        case .reappear:
            self.reconnectNetwork(of: client)
        case .stealSession:
            self.stealSession(client)
        case .close(let code):
            self.sendFromClient(client, .close, code: code ?? 0)
        case .reset, .hangUp:
            self.abandonLink(of: client)
            self.clients[index].core.transportEnded(code: nil, at: self.clock.now)
            self.performEffects(ofClient: client)
        case .hostile(let input):
            self.sendHostile(input, client)
        case .message(let text):
            self.sendRaw(Array(text.utf8), [.isFirst, .isLast, .isWild], client)
        case .unsolicitedPong:
            self.sendFromClient(client, .pong)
        }
    }

    /// The network of a client is whole again.
    mutating func reconnectNetwork(of client: UInt32) {
        self.clients[Int(client)].isVanished = false
        let link = self.clients[Int(client)].link
        if link != LinkTable.none { self.reopenPath(link) }
    }

    /// The machine of a client loses its power without a word, and has it back later; nil: when the run heals.
    mutating func losePower(_ client: UInt32, for duration: Interval?) {
        let index = Int(client)
        guard self.clients[index].isOn else { return }
        let link = self.clients[index].link
        if link != LinkTable.none {
            self.links[link].path = .lost
            self.links[link].hasClientSide = false
            self.clients[index].link = LinkTable.none
            self.releaseIfOver(link)
        }
        self.measures.serves(client, false)
        self.replaceCore(of: client)
        guard let duration else { return }
        self.heap.push(
            .clientStart, at: self.after(duration), subject: client, detail: self.clients[index].life)
    }

    /// The client goes on as a copy of the one before it in its group that has its key, over a connection of its own.
    private mutating func stealSession(_ client: UInt32) {
        let index = Int(client)
        let count = self.scenario.groups[Int(self.clients[index].group)].count
        let number = self.clients[index].numberInGroup
        let others = (1..<max(count, 1)).lazy.map { index - number + (number + count - $0) % count }
        let key = self.keyIndex(of: client)
        guard let other = others.first(where: { self.keyIndex(of: UInt32($0)) == key }), self.clients[other].isOn,
            self.clients[other].core.kind.isInService, let session = self.clients[other].core.session,
            self.delivery.share(session.id, of: self.clients[other].link)
        else { return }
        self.abandonLink(of: client)
        self.clients[index].session += 1
        self.clients[index].core = self.clients[other].core
        self.clients[index].subscriptions = self.clients[other].subscriptions
        self.clients[index].held = self.clients[other].held
        self.clients[index].received = self.clients[other].received
        self.events.willShare(UInt32(other), with: client)
        self.clients[index].victim = (UInt32(other), self.clients[other].session)
        // What the other waits for is answered to the other.
        self.clients[index].pending.removeAll(keepingCapacity: true)
        self.clients[index].core.transportEnded(code: nil, at: self.clock.now)
        self.performEffects(ofClient: client)
    }

    /// The client's process starts anew: it knows nothing of what was before.
    mutating func replaceCore(of client: UInt32) {
        let index = Int(client)
        let plan = self.scenario.groups[Int(self.clients[index].group)]
        self.clients[index].core = ClientCore(
            configuration: self.clientConfiguration(of: plan), seed: self.clients[index].choices.next())
        self.clients[index].life &+= 1
        self.clients[index].isOn = false
        self.clients[index].armedDeadline = nil
        self.clients[index].script.isRunning = false
        self.clients[index].pending.removeAll(keepingCapacity: true)
        self.clients[index].subscriptions.removeAll(keepingCapacity: true)
        self.clients[index].held = nil
        self.clients[index].signedUnderWay = nil
        self.clients[index].servedSigned = nil
        self.clients[index].wasSabotaged = false
        self.clients[index].isSilent = false
        if self.programs[Int(self.clients[index].group)].watchesEvents { self.events.disturb(client, at: self.clock.now) }
    }

    /// What stalled by chance goes on.
    mutating func clientHeals(_ client: UInt32, _ life: UInt32) {
        let index = Int(client)
        guard self.clients[index].isStalled, self.clients[index].life == life else { return }
        self.clients[index].isStalled = false
        let link = self.clients[index].link
        if link != LinkTable.none { self.readOn(link) }
    }

    /// Liveness: whatever is wrong with a client is over.
    mutating func healForLiveness(_ client: UInt32) {
        let index = Int(client)
        self.clients[index].script.isRunning = false
        self.clients[index].isSilent = false
        self.clients[index].isStalled = false
        self.reconnectNetwork(of: client)
        let link = self.clients[index].link
        if link != LinkTable.none {
            self.links[link].isMute = false
            self.links[link].bytesPerSecond = 0
            self.links[link].chokedUntil = 0
            self.readOn(link)
        }
        self.handleEvents(client)
        self.performEffects(ofClient: client)
        guard !self.clients[index].isOn, self.hasArrived(index) else { return }
        let wait = Interval(nanoseconds: self.clients[index].choices.number(0, 1_000_000_000))
        self.heap.push(.clientStart, at: self.after(wait), subject: client, detail: self.clients[index].life)
    }

    /// Whether a client took part before the liveness phase: one that was left out never does.
    private func hasArrived(_ index: Int) -> Bool { self.clients[index].connectionCount > 0 }

    /// Whether the server owes it to a client to serve it again.
    func mustBeServed(_ index: Int) -> Bool {
        let client = self.clients[index]
        let group = self.scenario.groups[Int(client.group)]
        guard group.reconnect != nil, group.opening == .proper, client.isOn, client.core.end == nil else { return false }
        // Who shows a key that is no more may try for ever.
        return !client.hasUnfinishedMessage && self.hasEntrance(UInt32(index))
    }

    /// Farewell: it ends its session, and does not come back.
    mutating func leaveForGood(_ client: UInt32) {
        let index = Int(client)
        guard self.clients[index].isOn else { return }
        self.clients[index].core.stop(at: self.clock.now)
        self.performEffects(ofClient: client)
    }
}
