import HydrogenConnection
import HydrogenMetrics
import HydrogenProtocol

/// What a shard holds at the moment: what a checker compares with the bounds of the configuration, and with what it
/// knows from elsewhere.
package struct ShardOccupancy: Sendable, Hashable {
    package var connectionCount = 0
    package var sessionCount = 0
    package var subscriptionCount = 0
    /// Commands that services have not given back.
    package var commandCount = 0
    /// Publishes that wait for other loops.
    package var publicationCount = 0
    package var retainedCount = 0
    package var publishKeyCount = 0
    /// Tickets that can be used.
    package var ticketCount = 0
    package var armedDeadlineCount = 0
    /// Events in the fullest outbox.
    package var largestOutbox = 0
    /// Bytes that are held for peers, and their bound.
    package var heldByteCount = 0
    package var maximumHeldByteCount = 0
}

/// What a shard holds of one connection.
package struct ConnectionInspection: Sendable {
    package var id: ConnectionID
    package var kind: ConnectionStateMachine.Kind
    package var referenceCount: Int
    package var commandsInFlightCount: Int
    /// Bytes that wait for the peer.
    package var backlogByteCount: Int
    /// Bytes of a message that is not whole.
    package var inboundByteCount: Int
    package var subscriptionCount: Int
    /// Ids of signed commands that are remembered.
    package var replayCount: Int
    package var hasSession: Bool
    package var holdsHandshakePlace: Bool
    package var holdsConnectionPlace: Bool
}

/// What a driver that polls often can ask for at once.
package struct DriverNeeds: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let effects = DriverNeeds(rawValue: 1)
    package static let entropy = DriverNeeds(rawValue: 2)
    package static let flush = DriverNeeds(rawValue: 4)
    package static let steps = DriverNeeds(rawValue: 8)
}

extension Shard {
    package var occupancy: ShardOccupancy {
        ShardOccupancy(
            connectionCount: self.connections.count, sessionCount: self.sessions.count,
            subscriptionCount: self.subscriptions.count, commandCount: self.commands.count,
            publicationCount: self.publications.count, retainedCount: self.retained.count,
            publishKeyCount: self.publishKeys.count, ticketCount: self.tickets.count,
            armedDeadlineCount: self.connectionDeadlines.count, largestOutbox: self.largestOutbox,
            heldByteCount: self.heldByteCount, maximumHeldByteCount: self.maximumHeldByteCount)
    }

    private var largestOutbox: Int {
        self.sessions.slotIndices.reduce(0) { largest, slot in
            max(largest, self.sessions.isInUse(UInt32(slot)) ? self.sessions[UInt32(slot)].outbox.count : 0)
        }
    }

    /// Slots that were ever used; `inspect` says which of them are.
    package var slotIndices: Range<Int> { self.connections.slotIndices }

    /// nil for a slot that is free.
    package func inspect(slot: Int) -> ConnectionInspection? {
        guard self.connections.isInUse(slot) else { return nil }
        let session = self.connections[slot].session
        let hasSession = session != SessionTable.none
        let isAttached = hasSession || self.connections[slot].attachment != AttachmentTable.none
        return ConnectionInspection(
            id: self.connections.id(ofSlot: slot), kind: self.connections[slot].machine.kind,
            referenceCount: Int(self.connections[slot].machine.references),
            commandsInFlightCount: self.connections[slot].commandsInFlightCount,
            backlogByteCount: self.connections[slot].backlog?.byteCount ?? 0,
            inboundByteCount: self.connections[slot].inbound.count,
            subscriptionCount: hasSession ? self.sessions[session].subscriptions.count : 0,
            replayCount: self.connections[slot].replays?.count ?? 0, hasSession: isAttached,
            holdsHandshakePlace: self.connections[slot].holdsHandshakePlace,
            holdsConnectionPlace: self.connections[slot].holdsConnectionPlace)
    }

    /// A counter or gauge of this loop.
    package func value(ofMetric slot: Int) -> Int64 { self.counters.value(slot) }

    /// The first series of a block that is not what it is expected to be; nil if all are.
    package func firstDifference(of block: SeriesBlock, from expected: [Int64]) -> Int? {
        for index in expected.indices where self.counters.value(block[index]) != expected[index] { return index }
        return nil
    }

    /// What a driver has to see to now.
    package var needs: DriverNeeds {
        var needs: DriverNeeds = []
        if !self.effects.isEmpty { needs.insert(.effects) }
        if self.entropy.neededCount > 0 { needs.insert(.entropy) }
        if self.isFlushDue { needs.insert(.flush) }
        if self.journal?.isEmpty == false { needs.insert(.steps) }
        return needs
    }
}
