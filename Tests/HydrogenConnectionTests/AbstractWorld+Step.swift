import HydrogenProtocol

@testable import HydrogenConnection

/// A rule of the state machine that does not hold, and where.
struct BrokenRule: Error, CustomStringConvertible {
    var description: String
}

extension AbstractWorld {
    /// What a step showed.
    struct Step {
        var world: AbstractWorld
        /// The row that spoke of it; nil for a move that is no event.
        var row: Row?
    }

    /// Makes a move as a correct driver does, and checks on the way what must hold after every step.
    func step(_ move: Move, _ timeouts: AbstractTimeouts) throws -> Step {
        var world = self
        var row: Row?
        switch move {
        case .tick: world.passTick()
        case .enqueue: world.queue += 1
        case .write: world.queue -= 1
        case .event(let event): row = try world.handIn(event, timeouts)
        }
        try world.checkPermissions()
        try world.checkDeadline(timeouts)
        return Step(world: world.normalized(), row: row)
    }

    private mutating func passTick() {
        self.machine.since = self.machine.since + Interval(nanoseconds: -1)
        self.machine.lastReceivedAt = self.machine.lastReceivedAt + Interval(nanoseconds: -1)
        self.machine.pingSentAt = self.machine.pingSentAt + Interval(nanoseconds: -1)
        self.kindAge += 1
        self.silence += 1
        self.pingAge += 1
    }

    private mutating func handIn(_ event: Event, _ timeouts: AbstractTimeouts) throws -> Row {
        let before = self
        let facts = self.currentFacts(timeouts)
        let rows = TableUnderTest.rows(self.machine.kind, event.kind)
            .filter { facts.satisfy($0.condition, event, at: AbstractWorld.present) }
        guard rows.count == 1, let row = rows.first else {
            throw BrokenRule(description: "rule 1: \(rows.count) rows decide \(event) in \(self)")
        }
        let action = self.machine.receive(event, at: AbstractWorld.present, timeouts.machine)
        guard self.machine.kind == row.to, action.kind == row.action else {
            throw BrokenRule(description: "rule 1: \(event) in \(before) gave \(action), the table says \(row)")
        }
        self.note(event, from: before.machine.kind)
        try self.carryOut(action, from: before)
        return row
    }

    /// Takes down what an event means for those who watch.
    private mutating func note(_ event: Event, from kind: Kind) {
        switch event {
        case .requestRead: self.isVerdictPending = self.isVerdictPending || kind == .connecting
        case .accepted, .refused: self.isVerdictPending = false
        case .upgraded:
            self.isUpgradePending = false
            self.silence = 0
        case .received, .pongReceived: self.silence = 0
        case .closeReceived:
            // A forbidden code closes as a violation, not as a close; while closing no code is looked at.
            let isClose = kind == .closing || kind.phase == .inUse && !Facts.isForbidden(event)
            self.facts.isCloseReceived = self.facts.isCloseReceived || isClose
        case .transportEnded:
            self.facts.isTransportGone = true
            (self.isUpgradePending, self.isEndPending) = (false, false)
        case .referenceRetained: self.facts.references += 1
        case .referenceReleased: self.facts.references -= self.facts.references > 0 ? 1 : 0
        case .turnEnded: self.isTurnPending = false
        case .closeRequested, .queueDrained, .deadlineReached: break
        }
        let isHandshake = self.machine.kind == .verifying || self.machine.kind == .established
        if self.machine.kind != kind && !isHandshake { self.kindAge = 0 }
    }

    /// Does what the machine asks for.
    private mutating func carryOut(_ action: Machine.Action, from before: AbstractWorld) throws {
        switch action {
        case .none, .ignored, .sendRefusal, .recordRoundTrip, .recordRevival, .countStaleReference: break
        case .sendUpgrade: self.isUpgradePending = true
        case .beginService: self.queue = 1
        case .sendPing, .repeatPing: self.pingAge = 0
        case .beginClosing, .closeOnViolation, .dropOnViolation: break
        case .sendClose:
            try self.require(self.queue == 0, "rule 3: a close frame before what was queued", before)
            self.facts.isLastWordSent = true
        case .answerClose:
            self.queue = 0
            self.facts.isLastWordSent = true
        case .endTransport: self.facts.isLastWordSent = self.facts.isLastWordSent || self.machine.kind == .rejected
        case .abort: self.isEndPending = true
        case .releaseResources:
            self.queue = 0
            self.isTurnPending = true
        case .holdForReferences:
            try self.require(self.facts.references > 0, "rule 2: held for nobody", before)
        case .free:
            try self.require(self.facts.references == 0, "rule 2: freed with references", before)
        case .freeOrphans(let count):
            try self.require(Int(count) == self.facts.references, "rule 2: orphans miscounted", before)
        case .programmingError(let error):
            throw BrokenRule(description: "rule 1: a correct driver provoked '\(error)' in \(before)")
        }
        if self.machine.kind == .freed { self.isVerdictPending = false }
        let isCounted = self.machine.kind == .freed || Int(self.machine.references) == self.facts.references
        try self.require(isCounted, "references miscounted", before)
        let mayFree = self.machine.kind != .freed || self.facts.isTransportGone
        try self.require(mayFree, "a slot was freed before its transport was gone", before)
        let isStill = before.machine.kind != .freed || self.machine == before.machine
        try self.require(isStill, "rule 3: something happened in freed", before)
    }

    /// Rule 3: what may be delivered, queued and taken, and where.
    private func checkPermissions() throws {
        let isInService = [.connected, .heartbeat, .inactive].contains(self.machine.kind)
        try self.require(self.machine.canDeliver == isInService, "rule 3: canDeliver", self)
        try self.require(self.machine.acceptsWork == isInService, "rule 3: acceptsWork", self)
        try self.require(self.machine.hasTransport == !self.facts.isTransportGone, "hasTransport", self)
        for priority in Priority.allCases {
            for isGuaranteed in [true, false] {
                let matters = isGuaranteed || priority == .critical || priority == .high
                let expected = isInService && (self.machine.kind != .inactive || matters)
                let actual = self.machine.canQueue(priority, isGuaranteed: isGuaranteed)
                try self.require(actual == expected, "rule 3: canQueue \(priority) \(isGuaranteed)", self)
            }
        }
    }

    /// Rule 4: the machine asks to be woken exactly when something is due.
    private func checkDeadline(_ timeouts: AbstractTimeouts) throws {
        let actual = self.machine.deadline(timeouts.machine)
        let isRight = actual == self.currentFacts(timeouts).deadline
        try self.require(isRight, "rule 4: woken at \(String(describing: actual))", self)
    }

    /// The words are put together only for a rule that is broken: this runs several times in every step.
    private func require(_ holds: Bool, _ rule: @autoclosure () -> String, _ world: AbstractWorld) throws {
        guard holds else { throw BrokenRule(description: "\(rule()), in \(world)") }
    }
}
