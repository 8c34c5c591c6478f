import Foundation
import HydrogenCrypto
import HydrogenProtocol
import HydrogenShard
import HydrogenStore
import HydrogenThreads

/// A folder that goes with its test.
final class TemporaryFolder {
    let path = NSTemporaryDirectory() + "hydrogen-store-\(UUID().uuidString)"
    var store: String { "\(self.path)/store.sqlite" }

    init() throws { try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: self.path) }
}

/// A store with everything that it answered.
final class TestStore {
    let store: DurableStore
    let contents: StoreContents
    private let answers = Guarded<[StoreAnswer]>([])
    private var nextTicket: UInt64 = 1

    init(
        _ path: String, loopCount: Int = 2, channels: [String] = ["system", "print"], maxBytes: Int = 1 << 30, maxRetained: Int = 100,
        maxPublishKeys: Int = 100
    ) throws {
        let answers = self.answers
        (self.store, self.contents) = try DurableStore.open(
            StoreConfiguration(
                path: path, loopCount: loopCount, channels: channels, maxBytes: maxBytes, maxRetained: maxRetained,
                maxPublishKeys: maxPublishKeys)
        ) { _, answer in answers.withLockNotifying { $0.append(answer) } }
    }

    /// Hands in one batch and waits for its answer.
    @discardableResult
    func commit(_ fill: (inout StoreBatch) -> Void) -> Bool {
        var batch = StoreBatch(loop: 0, ticket: self.nextTicket)
        self.nextTicket += 1
        fill(&batch)
        let ticket = batch.ticket
        self.store.enqueue(batch)
        return self.answers.wait { answers in answers.first { $0.ticket == ticket } }.isStored
    }

    var answeredTickets: [UInt64] { self.answers.withLock { $0.map(\.ticket) } }

    func waitForAnswers(_ count: Int) { _ = self.answers.wait { $0.count >= count ? true : nil } }

    func stop() { self.store.stop() }
}

/// Everything that loops would take over, in an order that says nothing of loops.
extension StoreContents {
    var sessions: [RestoredSession] { self.loops.flatMap(\.sessions) }
    var keys: [StoredPublishKey] { self.loops.flatMap(\.publishKeys) }
}

enum Make {
    static func session(_ number: UInt64, home: Int = 0, lastOffset: Int64 = 0) -> StoredSession {
        StoredSession(
            key: SessionKey(bits: number), id: "s\(home)-\(number)", identity: "id \(number)",
            keyDigest: SHA256.hash([1].span), tokens: [SHA256.hash([2].span), SHA256.hash([3].span)],
            nextSubscriptionNumber: 4, gaps: [2...5, 9...9], lastOffset: lastOffset)
    }

    static func event(
        _ number: UInt64, channel: Int = 1, action: String = "job.done", size: Int = 10, sequence: UInt64? = nil,
        audience: Audience = .subscribers
    ) -> PublishedEvent {
        let body = Array("{\"type\":\"event\",\"data\":{\"x\":\"".utf8) + Array(repeating: 0x61, count: size) + Array("\"}".utf8)
        return PublishedEvent(
            restoring: EventID(origin: .max - 7, loop: 1, number: number), channel: channel, action: Array(action.utf8),
            body: body, data: ByteRange(23, body.count), priority: .high, isRetained: true, isGuaranteed: true,
            audience: audience, sequence: sequence ?? number, at: Instant(nanoseconds: 0))
    }

    static func row(_ session: UInt64, _ offset: Int64, _ event: PublishedEvent) -> OutboxRow {
        OutboxRow(session: SessionKey(bits: session), offset: offset, event: event.id, priority: .low, isRetained: false)
    }

    static func settle(
        _ session: UInt64, through: Int64, _ others: [Int64] = [], last: Int64, gaps: [ClosedRange<Int64>]? = nil
    ) -> OutboxSettlement {
        OutboxSettlement(session: SessionKey(bits: session), through: through, others: others, lastOffset: last, gaps: gaps)
    }
}
