import HydrogenProtocol

extension EventOracle {
    /// The server is there again. By a wall clock that was set meanwhile, keys are over.
    mutating func restarted(at now: Instant) {
        guard !self.keepsKeys else { return }
        self.keysForgottenAt = now.nanoseconds
        for index in self.clients.indices { self.clients[index].keyed.removeAll(keepingCapacity: true) }
    }

    /// The server is gone; its store has what it kept. A subscription that need not have survived may have all the same:
    /// what it matches may come, and need not.
    mutating func crashed(lastCalm: Int64) {
        for index in self.clients.indices {
            for place in self.clients[index].subscriptions.indices
            where self.clients[index].subscriptions[place].phase == .active
                && self.clients[index].subscriptions[place].keptFrom > lastCalm
            {
                self.clients[index].subscriptions[place].phase = .leaving
            }
            self.clients[index].awaited.removeAll(keepingCapacity: true)
            // What is not guaranteed is published again under its key, which is gone.
            self.clients[index].latest.removeAll(keepingCapacity: true)
            self.clients[index].nextLatest = 0
            self.clients[index].publishes.removeAll(keepingCapacity: true)
            self.clients[index].keyed.removeAll { known in
                !self.keepsKeys || self.publishes[known.publish]?.isGuaranteed != true
            }
        }
    }
}
