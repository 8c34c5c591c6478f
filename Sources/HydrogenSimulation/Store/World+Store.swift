import HydrogenProtocol
import HydrogenShard

/// The durable store: what loops hand in, when it is committed, and what goes wrong with it.
extension World {
    /// How long a commit takes, and how long at most when it comes late.
    private static let usualCommit: ClosedRange<Int64> = 100_000...3_000_000
    private static let longestCommit: Int64 = 2_000_000_000
    /// How long the device is in trouble, at most.
    private static let longestTrouble: Int64 = 10_000_000_000
    /// How often a store that fails and gets no batch is tried.
    private static let storePause = Interval.seconds(1)

    /// A loop hands a batch over.
    mutating func store(_ batch: StoreBatch) {
        self.durable?.enqueue(batch)
        self.beginCommit()
    }

    private mutating func beginCommit() {
        guard let durable = self.durable, !durable.isCommitting, durable.hasWork else { return }
        self.durable?.begin(at: self.clock.now)
        var wait = self.durable?.generator.number(Self.usualCommit.lowerBound, Self.usualCommit.upperBound) ?? 0
        if self.strikes(.lateCommit) { wait += self.faults.number(0, Self.longestCommit) }
        if self.strikes(.failedCommit) { self.troubleStore() }
        let end = self.after(Interval(nanoseconds: wait))
        if wait > StoreCalm.usualCommit.nanoseconds { self.delivery.calm.trouble(at: self.clock.now, until: end) }
        self.heap.push(.commit, at: end, detail: self.server.life)
    }

    /// The device fails once, or for a while.
    private mutating func troubleStore() {
        let trouble: SimulatedStore.Trouble = self.faults.number(0, 1) == 0 ? .broken : .full
        let isLasting = self.faults.number(0, 1) == 0
        let length = isLasting ? self.faults.number(0, Self.longestTrouble) : 0
        let end = self.after(Interval(nanoseconds: length))
        self.durable?.fail(trouble, until: end)
        self.trace.note("the store is \(trouble) for \(length / 1_000_000) ms")
    }

    /// A commit is over.
    /// - Parameter life: of the server that began it.
    mutating func commit(life: UInt32) {
        guard self.server.isUp, life == self.server.life, self.durable?.isCommitting == true else { return }
        if self.strikes(.tornCommit) {
            return self.killServer(down: Interval(nanoseconds: self.faults.number(500_000_000, 5_000_000_000)))
        }
        let now = self.now
        let answers = self.durable?.finish(at: now) ?? []
        if self.trace.isOn { self.trace.say("store answers \(answers.count)") }
        for answer in answers { self.post(.stored(answer.answer), from: answer.loop, to: answer.loop) }
        if answers.contains(where: { !$0.answer.isStored }) || self.durable?.isFailing == true {
            self.delivery.calm.trouble(at: self.clock.now, until: self.clock.now)
        }
        if self.durable?.isFailing == true {
            let count = self.durable?.commitCount ?? 0
            self.heap.push(.storePause, at: self.after(Self.storePause), subject: count, detail: self.server.life)
        }
        self.beginCommit()
    }

    /// - Parameter count: the commits that there were when the pause began.
    mutating func storePause(after count: UInt32, life: UInt32) {
        guard self.server.isUp, life == self.server.life, let durable = self.durable, durable.isFailing,
            durable.commitCount == count
        else { return }
        self.durable?.pause(at: self.clock.now)
        self.delivery.calm.trouble(at: self.clock.now, until: self.clock.now)
        self.heap.push(.storePause, at: self.after(Self.storePause), subject: count, detail: life)
    }

    /// The loops of a new server are handed what the store has kept, before anything else.
    mutating func restoreFromStore() {
        guard let content = self.durable?.content else { return }
        let states = content.restored(loopCount: self.server.loops.count, at: self.now)
        let events = states.flatMap(\.retained) + states.flatMap { $0.sessions.flatMap { $0.rows.map(\.event) } }
        self.server.ledger.raisePublishSequence(to: events.map(\.sequence).max() ?? 0)
        for (loop, state) in zip(self.server.loops, states) {
            for piece in state.pieces {
                loop.shard.restore(piece, at: self.now)
                self.servedInPass(loop)
            }
            self.served(loop)
        }
    }

    /// Rule 10: after the goodbye the store has nothing of anybody, and no event but those that are retained.
    mutating func checkStoreIsEmpty() {
        guard let content = self.durable?.content else { return }
        if !content.order.isEmpty { self.violate(10, "the store still has \(content.order.count) sessions after the goodbye") }
        guard content.eventCount == content.retained.count else {
            return self.violate(
                10, "the store has \(content.eventCount) events after the goodbye, and \(content.retained.count) are retained")
        }
    }
}
