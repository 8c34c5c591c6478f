import HydrogenCrypto
import HydrogenProtocol
import HydrogenShard
import HydrogenStore
import HydrogenThreads
import Testing

@testable import HydrogenSimulation

/// The store of the simulator and SQLite make the same of the same batches.
@Suite struct SimulatedStoreTests {
    /// Batches of a few sessions and events, so that they meet.
    private struct Chance {
        var generator: Generator
        var lastOffsets: [UInt64: Int64] = [:]
        var eventCount: UInt64 = 0
        let now = Clock.wallTime()

        mutating func batch(_ ticket: UInt64) -> StoreBatch {
            var batch = StoreBatch(loop: 0, ticket: ticket)
            for _ in 0..<1 + self.generator.below(4) { self.add(to: &batch) }
            return batch
        }

        private mutating func add(to batch: inout StoreBatch) {
            let session = UInt64(1 + self.generator.below(4))
            let last = self.lastOffsets[session] ?? 0
            switch self.generator.below(8) {
            case 0:
                var stored = Make.session(session, home: Int(session) % 2, lastOffset: Int64(self.generator.below(Int(last) + 1)))
                stored.gaps = []
                batch.sessions.append(stored)
            case 1:
                batch.subscriptions.append(
                    StoredSubscription(
                        name: .init(session: SessionKey(bits: session), number: self.generator.below(4)), channel: 1,
                        topic: Array("job.\(self.generator.below(9))".utf8), filter: [], isGuaranteed: true, priority: nil,
                        conflateInterval: nil, conflateBy: nil))
            case 2:
                batch.removedSubscriptions.append(
                    .init(session: SessionKey(bits: session), number: self.generator.below(4)))
            case 3, 4:
                self.eventCount += UInt64(self.generator.below(2))
                let event = Make.event(
                    max(1, self.eventCount), action: "job.\(self.eventCount % 3)", sequence: max(1, self.eventCount))
                batch.events.append(event)
                let offset = last + Int64(self.generator.below(3))
                self.lastOffsets[session] = max(last, offset)
                if offset > 0 { batch.rows.append(Make.row(session, offset, event)) }
                if self.generator.below(3) == 0 { batch.retained.append(event.id) }
                if self.generator.below(2) == 0 { batch.publishKeys.append(self.key(of: event)) }
            case 5, 6:
                let through = Int64(self.generator.below(Int(last) + 1))
                let others = self.generator.below(2) == 0 ? [] : [through + 2]
                let gaps: [ClosedRange<Int64>]? = self.generator.below(3) == 0 && last > 0 ? [last...last] : nil
                batch.settlements.append(
                    Make.settle(session, through: through, others.filter { $0 <= last }, last: last, gaps: gaps))
            default:
                if self.generator.below(3) == 0 { batch.endedSessions.append(SessionKey(bits: session)) }
            }
        }

        private mutating func key(of event: PublishedEvent) -> StoredPublishKey {
            let name = UInt8(ascii: "a") + UInt8(self.generator.below(6))
            let until = self.now.milliseconds + 100_000 + Int64(event.id.number) * 100 + Int64(name)
            return StoredPublishKey(
                key: PublishKey(identity: "p", channel: 1, key: [name]), event: event.id,
                until: WallTime(milliseconds: until))
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>) func itHoldsWhatSQLiteHolds(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let file = try TestStore(folder.store, maxRetained: 2)
        var model = DurableContent(maxRetained: 2, maxPublishKeys: 100)
        var chance = Chance(generator: Generator(seed: seed, stream: 1))
        for ticket in 1...60 as ClosedRange<UInt64> {
            let batch = chance.batch(ticket)
            #expect(file.commit { $0 = Self.copy(batch, ticket: $0.ticket) })
            model.commit([batch])
        }
        file.stop()
        let again = try TestStore(folder.store, maxRetained: 2)
        again.stop()
        let states = model.restored(loopCount: 2, at: Clock.now())
        #expect(again.contents.loops.map(Self.text) == states.map(Self.text))
        #expect(again.contents.eventCount == model.eventCount)
    }

    private static func copy(_ batch: StoreBatch, ticket: UInt64) -> StoreBatch {
        var copy = batch
        copy.ticket = ticket
        return copy
    }

    /// Everything that a loop is handed, as lines.
    private static func text(_ state: RestoredState) -> [String] {
        var lines = state.retained.map { "retained \($0.id.text)" }
        lines += state.publishKeys.map { "key \($0.key.key) \($0.event.text) \($0.until.milliseconds)" }
        for session in state.sessions {
            lines.append("session \(session.session)")
            lines += session.subscriptions.map { "subscription \($0)" }
            lines += session.rows.map { "row \($0.offset) \($0.event.id.text) \($0.priority) \($0.isRetained)" }
            lines += session.lost.map { "lost \($0)" }
        }
        return lines
    }
}
