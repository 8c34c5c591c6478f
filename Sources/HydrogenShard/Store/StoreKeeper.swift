import HydrogenProtocol

/// What becomes of batches: which are committed together, what each is answered, and whether the store works.
///
/// Where a group of several cannot be committed, each batch is tried alone, so that one that only removes gets through a
/// full disk.
package struct StoreKeeper<Engine: StoreEngine> {
    package private(set) var engine: Engine
    private var health = StoreHealth.works

    package init(_ engine: Engine) { self.engine = engine }

    /// The last thing that was to make the store larger, a probe included, could not be committed.
    package var isFailing: Bool { self.health != .works }

    /// Changes the engine in place, between commits.
    package mutating func withEngine<Result>(_ body: (inout Engine) -> Result) -> Result { body(&self.engine) }

    /// Stores batches together, or, where that fails or has failed before, one by one.
    /// - Parameters:
    ///   - clock: the time, for how long commits take.
    ///   - answer: called for each batch, in the order of their loops.
    ///   - healthChanged: called when the store begins to fail, and when it works again.
    package mutating func store(
        _ batches: [StoreBatch], clock: () -> Instant, answer: (LoopIndex, StoreAnswer) -> Void,
        healthChanged: (StoreHealth) -> Void
    ) {
        if !self.isFailing {
            let began = clock()
            let isStored = self.store(batches, healthChanged)
            if isStored || batches.count == 1 {
                let duration = isStored && batches.allSatisfy(\.isEmpty) ? nil : clock() - began
                for (index, batch) in batches.enumerated() {
                    answer(
                        batch.loop,
                        StoreAnswer(ticket: batch.ticket, isStored: isStored, commit: index == 0 ? duration : nil))
                }
                return
            }
        }
        for batch in batches {
            let began = clock()
            let isStored = self.store([batch], healthChanged)
            let duration = isStored && batch.isEmpty ? nil : clock() - began
            answer(batch.loop, StoreAnswer(ticket: batch.ticket, isStored: isStored, commit: duration))
        }
    }

    /// What only removes fits into a full store too, so it is no proof that the store works.
    private mutating func store(_ batches: [StoreBatch], _ healthChanged: (StoreHealth) -> Void) -> Bool {
        if batches.allSatisfy(\.isEmpty) {
            self.probe(healthChanged)
            return !self.isFailing
        }
        guard self.engine.commit(batches) else {
            self.become(.fails(reason: self.engine.fault), healthChanged)
            return false
        }
        if !batches.allSatisfy(\.onlyRemoves) { self.become(.works, healthChanged) }
        return true
    }

    /// Tries whether a store that fails works again.
    package mutating func probe(_ healthChanged: (StoreHealth) -> Void) {
        guard self.isFailing else { return }
        let works = self.engine.probe()
        self.become(works ? .works : .fails(reason: self.engine.fault), healthChanged)
    }

    private mutating func become(_ new: StoreHealth, _ healthChanged: (StoreHealth) -> Void) {
        let isChange = (new == .works) == self.isFailing
        self.health = new
        if isChange { healthChanged(new) }
    }
}
