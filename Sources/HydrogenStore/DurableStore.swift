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

    package init(path: String, loopCount: Int, channels: [String], maxBytes: Int, maxRetained: Int) {
        self.path = path
        self.loopCount = loopCount
        self.channels = channels
        self.maxBytes = maxBytes
        self.maxRetained = maxRetained
    }
}

/// The durable store of a running server: batches of all loops, committed in groups on a thread of its own.
///
/// While a transaction is on its way to the disk, batches gather; the next transaction takes them all. A batch is
/// answered after its commit. Where a group cannot be committed, each batch is tried alone, so that one that only
/// removes still gets through a full disk.
package final class DurableStore: Sendable {
    private struct Inbox {
        var batches: [StoreBatch] = []
        var isStopping = false
    }

    private let inbox = Guarded(Inbox())
    private let isFailingNow = Atomic(false)
    private let thread: SystemThread

    /// The last thing that was to be committed, a probe included, could not be.
    package var isFailing: Bool { self.isFailingNow.load(ordering: .relaxed) }

    /// How often a store that fails is tried, and one that works is cleaned.
    private static let pause = Interval.seconds(1)
    private static let pausesPerCleaning = 30

    /// Opens a store, reads it, and starts its thread.
    /// - Parameter answer: called on the store's thread for each batch, in the order of its loop.
    /// - Returns: the store and what it held.
    package static func open(
        _ configuration: StoreConfiguration, answer: @escaping @Sendable (LoopIndex, StoreAnswer) -> Void
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
            file: file, channels: configuration.channels, maxRetained: configuration.maxRetained, index: index)
        return (try DurableStore(writer, answer), contents)
    }

    private init(
        _ writer: StoreWriter, _ answer: @escaping @Sendable (LoopIndex, StoreAnswer) -> Void
    ) throws(StoreError) {
        let inbox = self.inbox
        let report = Guarded<(@Sendable (Bool) -> Void)?>(nil)
        do {
            self.thread = try SystemThread {
                let failing: @Sendable (Bool) -> Void = { isFailing in report.withLock { $0 }?(isFailing) }
                Self.run(writer, inbox, failing, answer)
            }
        } catch {
            throw .cannotOpen(path: writer.file.path, reason: "no thread: \(error.number)")
        }
        report.withLock { $0 = { [weak self] in self?.isFailingNow.store($0, ordering: .relaxed) } }
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
        _ given: StoreWriter, _ inbox: Guarded<Inbox>, _ setFailing: (Bool) -> Void,
        _ answer: (LoopIndex, StoreAnswer) -> Void
    ) {
        var writer = given
        // Events that nothing refers to any more, left by an end in the middle.
        _ = writer.commit([])
        var isFailing = false
        var pauseCount = 0
        while true {
            let work = inbox.wait(atMost: self.pause) { inbox -> (batches: [StoreBatch], isLast: Bool)? in
                guard !inbox.batches.isEmpty || inbox.isStopping else { return nil }
                defer { inbox.batches = [] }
                return (inbox.batches, inbox.isStopping)
            }
            if let work {
                self.store(work.batches, &writer, &isFailing, setFailing, answer)
                if work.isLast { break }
                continue
            }
            pauseCount += 1
            if isFailing {
                isFailing = !writer.probe()
                setFailing(isFailing)
            }
            if pauseCount % self.pausesPerCleaning == 0 { writer.keepHouse(at: Clock.wallTime()) }
        }
        writer.file.close()
    }

    /// Stores batches together, or, where that fails or has failed before, one by one.
    private static func store(
        _ batches: [StoreBatch], _ writer: inout StoreWriter, _ isFailing: inout Bool, _ setFailing: (Bool) -> Void,
        _ answer: (LoopIndex, StoreAnswer) -> Void
    ) {
        if !isFailing {
            let began = Clock.instant()
            if self.store(batches, &writer, &isFailing) {
                let duration = batches.allSatisfy(\.isEmpty) ? nil : Clock.instant() - began
                for (index, batch) in batches.enumerated() {
                    answer(
                        batch.loop,
                        StoreAnswer(ticket: batch.ticket, isStored: true, commit: index == 0 ? duration : nil))
                }
                return
            }
        }
        for batch in batches {
            let began = Clock.instant()
            let isStored = self.store([batch], &writer, &isFailing)
            setFailing(isFailing)
            let duration = isStored && batch.isEmpty ? nil : Clock.instant() - began
            answer(batch.loop, StoreAnswer(ticket: batch.ticket, isStored: isStored, commit: duration))
        }
    }

    /// What only removes fits into a full store too, so it is no proof that the store works.
    private static func store(_ batches: [StoreBatch], _ writer: inout StoreWriter, _ isFailing: inout Bool) -> Bool {
        if batches.allSatisfy(\.isEmpty) {
            if isFailing { isFailing = !writer.probe() }
            return !isFailing
        }
        guard writer.commit(batches) else {
            isFailing = true
            return false
        }
        if !batches.allSatisfy(\.onlyRemoves) { isFailing = false }
        return true
    }
}
