import HydrogenProtocol
import HydrogenShard
import HydrogenThreads

/// What the store's thread does with batches: it commits groups of them, and knows whether the store works.
///
/// Where a group of several cannot be committed, each batch is tried alone, so that one that only removes gets through a
/// full disk.
struct StoreKeeper {
    private var writer: StoreWriter
    private var health = StoreHealth.works

    init(_ writer: StoreWriter) { self.writer = writer }

    private var isFailing: Bool { self.health != .works }

    mutating func tidy() { _ = self.writer.commit([]) }

    func keepHouse() { self.writer.keepHouse(at: Clock.wallTime()) }

    func close() { self.writer.file.close() }

    /// Stores batches together, or, where that fails or has failed before, one by one.
    mutating func store(
        _ batches: [StoreBatch], _ answer: (LoopIndex, StoreAnswer) -> Void, _ healthChanged: (StoreHealth) -> Void
    ) {
        if !self.isFailing {
            let began = Clock.instant()
            let isStored = self.store(batches, healthChanged)
            if isStored || batches.count == 1 {
                let duration = isStored && batches.allSatisfy(\.isEmpty) ? nil : Clock.instant() - began
                for (index, batch) in batches.enumerated() {
                    answer(
                        batch.loop,
                        StoreAnswer(ticket: batch.ticket, isStored: isStored, commit: index == 0 ? duration : nil))
                }
                return
            }
        }
        for batch in batches {
            let began = Clock.instant()
            let isStored = self.store([batch], healthChanged)
            let duration = isStored && batch.isEmpty ? nil : Clock.instant() - began
            answer(batch.loop, StoreAnswer(ticket: batch.ticket, isStored: isStored, commit: duration))
        }
    }

    /// What only removes fits into a full store too, so it is no proof that the store works.
    private mutating func store(_ batches: [StoreBatch], _ healthChanged: (StoreHealth) -> Void) -> Bool {
        if batches.allSatisfy(\.isEmpty) {
            self.probe(healthChanged)
            return !self.isFailing
        }
        guard self.writer.commit(batches) else {
            self.become(.fails(reason: self.writer.fault), healthChanged)
            return false
        }
        if !batches.allSatisfy(\.onlyRemoves) { self.become(.works, healthChanged) }
        return true
    }

    /// Tries whether a store that fails works again.
    mutating func probe(_ healthChanged: (StoreHealth) -> Void) {
        guard self.isFailing else { return }
        let works = self.writer.probe()
        self.become(works ? .works : .fails(reason: self.writer.fault), healthChanged)
    }

    private mutating func become(_ new: StoreHealth, _ healthChanged: (StoreHealth) -> Void) {
        let isChange = (new == .works) == self.isFailing
        self.health = new
        if isChange { healthChanged(new) }
    }
}
