import GRDB
import HydrogenProtocol
import HydrogenShard
import HydrogenThreads
import Synchronization

/// What a store is opened with.
package struct StoreConfiguration: Sendable {
    package var path: String
    package var loopCount: Int
    /// The names of the channels, in the order of `ShardConfiguration.channels`.
    package var channels: [String]
    package var maxBytes: Int
    package var maxRetained: Int
    package var maxPublishKeys: Int

    package init(
        path: String, loopCount: Int, channels: [String], maxBytes: Int, maxRetained: Int, maxPublishKeys: Int
    ) {
        self.path = path
        self.loopCount = loopCount
        self.channels = channels
        self.maxBytes = maxBytes
        self.maxRetained = maxRetained
        self.maxPublishKeys = maxPublishKeys
    }
}

/// The durable store of a running server: batches of all loops, committed in groups on a thread of its own.
///
/// While a transaction is on its way to the disk, batches gather; the next transaction takes them all. A batch is
/// answered after its commit.
package final class DurableStore: Sendable {
    private struct Inbox {
        var batches: [StoreBatch] = []
        var isStopping = false
    }

    /// What other threads see of the store's health.
    private final class HealthFlag: Sendable { let isFailing = Atomic(false) }

    private let inbox = Guarded(Inbox())
    private let health = HealthFlag()
    private let thread: SystemThread

    /// The last thing that was to make the store larger, a probe included, could not be committed.
    package var isFailing: Bool { self.health.isFailing.load(ordering: .relaxed) }

    /// How often a store that fails and gets no batch is tried.
    private static let pause = Interval.seconds(1)
    private static let timeBetweenCleanings = Interval.seconds(30)

    /// Opens a store, reads it, and starts its thread.
    /// - Parameters:
    ///   - answer: called on the store's thread for each batch, in the order of its loop.
    ///   - healthChanged: called on it when the store begins to fail, and when it works again.
    /// - Returns: the store and what it held.
    package static func open(
        _ configuration: StoreConfiguration, answer: @escaping @Sendable (LoopIndex, StoreAnswer) -> Void,
        healthChanged: @escaping @Sendable (StoreHealth) -> Void = { _ in }
    ) throws(StoreError) -> (DurableStore, StoreContents) {
        let file = try StoreFile(configuration.path, maxBytes: configuration.maxBytes)
        if let fault = try file.faults(atMost: 1).first { throw .damaged(path: configuration.path, reason: fault) }
        let contents: StoreContents
        var index: StoreIndex
        do {
            (contents, index) = try file.queue.inDatabase { database in
                var reader = StoreReader(
                    path: configuration.path, loopCount: configuration.loopCount, channels: configuration.channels,
                    now: Clock.now())
                return try reader.read(database)
            }
        } catch {
            throw StoreFile.explain(error, path: configuration.path)
        }
        index.suspectAll()
        let writer = StoreWriter(
            file: file, channels: configuration.channels, maxRetained: configuration.maxRetained,
            maxPublishKeys: configuration.maxPublishKeys, index: index)
        return (try DurableStore(writer, answer, healthChanged), contents)
    }

    private init(
        _ writer: StoreWriter, _ answer: @escaping @Sendable (LoopIndex, StoreAnswer) -> Void,
        _ healthChanged: @escaping @Sendable (StoreHealth) -> Void
    ) throws(StoreError) {
        let (inbox, health) = (self.inbox, self.health)
        do {
            self.thread = try SystemThread {
                Self.run(writer, inbox, answer) { new in
                    health.isFailing.store(new != .works, ordering: .relaxed)
                    healthChanged(new)
                }
            }
        } catch {
            throw .cannotOpen(path: writer.file.path, reason: "no thread: \(error.number)")
        }
    }

    /// Takes a batch; never waits for the disk. From any thread.
    package func enqueue(_ batch: StoreBatch) {
        self.inbox.withLockNotifying { $0.batches.append(batch) }
    }

    /// Commits what was handed in, and closes the file.
    package func stop() {
        self.inbox.withLockNotifying { $0.isStopping = true }
        self.thread.join()
    }

    // On the store's thread

    private static func run(
        _ writer: StoreWriter, _ inbox: Guarded<Inbox>, _ answer: (LoopIndex, StoreAnswer) -> Void,
        _ healthChanged: (StoreHealth) -> Void
    ) {
        var keeper = StoreKeeper(writer)
        // Events that nothing refers to any more, left by an end in the middle.
        _ = keeper.withEngine { $0.commit([]) }
        var nextCleaning = Clock.instant()
        while true {
            if nextCleaning <= Clock.instant() {
                keeper.engine.keepHouse(at: Clock.wallTime())
                nextCleaning = Clock.instant() + self.timeBetweenCleanings
            }
            let work = inbox.wait(atMost: self.pause) { inbox -> (batches: [StoreBatch], isLast: Bool)? in
                guard !inbox.batches.isEmpty || inbox.isStopping else { return nil }
                defer { inbox.batches = [] }
                return (inbox.batches, inbox.isStopping)
            }
            if let work {
                keeper.store(work.batches, clock: Clock.instant, answer: answer, healthChanged: healthChanged)
                if work.isLast { break }
            } else {
                keeper.probe(healthChanged)
            }
        }
        keeper.engine.file.close()
    }
}
