import HydrogenProtocol

/// One connection, as an operator sees it.
package struct ConnectionDescription: Sendable {
    package var loop: LoopIndex
    package var id: ConnectionID
    /// Empty before the session exists.
    package var session: String
    package var identity: String
    package var peer: PeerAddress
    package var state: String
    package var since: WallTime
    /// What waits because the peer reads slowly.
    package var queuedBytesCount: Int
    /// What its session keeps until it is acknowledged; nil where that lives on another loop.
    package var outboxByteCount: Int?
    /// Of a message that is not whole.
    package var inboundByteCount: Int
    package var referenceCount: Int
    package var receivedCount: UInt64
    package var sentCount: UInt64
}

/// One session, as an operator sees it.
package struct SessionDescription: Sendable {
    package var loop: LoopIndex
    package var slot: Int
    package var id: String
    package var identity: String
    /// Whether a connection has it.
    package var isLive: Bool
    package var subscriptionCount: Int
    package var outboxEventCount: Int
    package var outboxByteCount: Int
}

/// Which part of a list is wanted, of one loop: the lists of connections and sessions are in the order of their slots.
package struct DescriptionPage: Sendable {
    /// The first slot.
    package var firstSlot: Int
    /// Goes on behind this session instead, if it is still there.
    package var afterSession: String?
    package var maximumCount: Int

    package init(firstSlot: Int = 0, afterSession: String? = nil, maximumCount: Int = .max) {
        self.firstSlot = firstSlot
        self.afterSession = afterSession
        self.maximumCount = maximumCount
    }
}

extension Shard {
    func describeConnections(_ page: DescriptionPage) -> [ConnectionDescription] {
        var found: [ConnectionDescription] = []
        for slot in max(0, page.firstSlot)..<max(page.firstSlot, self.connections.slotIndices.upperBound)
        where self.connections.isInUse(slot) {
            if found.count == page.maximumCount { break }
            let session = self.connections[slot].session
            let isAway = self.connections[slot].attachment != AttachmentTable.none
            let connection = self.connections[slot]
            found.append(
                ConnectionDescription(
                    loop: self.loop, id: self.connections.id(ofSlot: slot),
                    session: self.sessionID(ofConnection: slot), identity: connection.grant?.identity ?? "",
                    peer: connection.peer, state: "\(connection.machine.kind.label)", since: connection.acceptedWall,
                    queuedBytesCount: connection.backlog?.byteCount ?? 0,
                    outboxByteCount: isAway
                        ? nil : session == SessionTable.none ? 0 : self.sessions[session].outbox.byteCount,
                    inboundByteCount: connection.inbound.count, referenceCount: connection.commandsInFlightCount,
                    receivedCount: connection.receivedCount, sentCount: connection.sentCount))
        }
        return found
    }

    func describeSessions(_ page: DescriptionPage) -> [SessionDescription] {
        let first = page.afterSession.flatMap { self.sessions.find($0) }.map { Int($0) + 1 } ?? max(0, page.firstSlot)
        var found: [SessionDescription] = []
        for slot in first..<max(first, self.sessions.slotIndices.upperBound) where self.sessions.isInUse(UInt32(slot)) {
            if found.count == page.maximumCount { break }
            let session = self.sessions[UInt32(slot)]
            found.append(
                SessionDescription(
                    loop: self.loop, slot: slot, id: session.id, identity: session.grant.identity,
                    isLive: session.attachment != .detached, subscriptionCount: session.subscriptions.count,
                    outboxEventCount: session.outbox.count, outboxByteCount: session.outbox.byteCount))
        }
        return found
    }
}
