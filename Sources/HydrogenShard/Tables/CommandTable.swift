import HydrogenProtocol

/// A command that a service has, and what its response repeats.
struct PendingCommand {
    var generation: UInt32 = 0
    var isInUse = true
    /// False after `CommandTimeout`: the client has its response, the service still holds its reference.
    var isAwaited = true
    var answer: PendingAnswer
    var service: Int
}

/// Names a pending command, by slot and generation.
struct CommandID: Equatable {
    var slot: UInt32
    var generation: UInt32
}

/// The commands of one loop that are with services. All have the same time-out, so the order of arrival is the order of
/// their deadlines.
struct CommandTable {
    private var slots: [PendingCommand] = []
    private var freeSlots: [UInt32] = []
    /// Oldest first; those answered already are skipped when their turn comes.
    private var deadlines = Queue<(id: CommandID, at: Instant)>()

    var count: Int { self.slots.count - self.freeSlots.count }

    mutating func insert(_ command: consuming PendingCommand, deadline: Instant) -> CommandID {
        let id: CommandID
        if let slot = self.freeSlots.popLast() {
            command.generation = self.slots[Int(slot)].generation &+ 1
            id = CommandID(slot: slot, generation: command.generation)
            self.slots[Int(slot)] = command
        } else {
            id = CommandID(slot: UInt32(self.slots.count), generation: command.generation)
            self.slots.append(command)
        }
        self.deadlines.append((id, deadline))
        return id
    }

    func find(_ id: CommandID) -> PendingCommand? {
        let slot = Int(id.slot)
        guard slot < self.slots.count, self.slots[slot].isInUse, self.slots[slot].generation == id.generation
        else { return nil }
        return self.slots[slot]
    }

    mutating func remove(_ id: CommandID) {
        self.slots[Int(id.slot)].isInUse = false
        self.slots[Int(id.slot)].answer.id = []
        self.slots[Int(id.slot)].answer.action = []
        self.freeSlots.append(id.slot)
    }

    /// The service is not waited for any longer.
    mutating func giveUp(_ id: CommandID) { self.slots[Int(id.slot)].isAwaited = false }

    /// Takes out the oldest command that is still waited for, if its time has come.
    mutating func takeDue(at now: Instant) -> CommandID? {
        guard let deadline = self.earliestDeadline(), deadline <= now else { return nil }
        return self.deadlines.popFirst()?.id
    }

    /// When the oldest command that is still waited for times out.
    mutating func earliestDeadline() -> Instant? {
        while let first = self.deadlines.first {
            if self.find(first.id)?.isAwaited == true { return first.at }
            _ = self.deadlines.popFirst()
        }
        return nil
    }
}
