import HydrogenProtocol

/// A command that is not answered yet.
struct PendingCommand: Sendable {
    enum Purpose: Sendable, Hashable {
        case caller
        /// `system/refresh`: the answer holds a new token.
        case refresh
        case subscribe(SubscriptionNumber)
        case unsubscribe(SubscriptionNumber)
    }

    var number: CommandNumber
    var purpose: Purpose
    /// Doing it twice does what doing it once does: it is sent again after a lost connection, and after an error that
    /// passes.
    var isRepeatable: Bool
    var isSigned = false
    /// Whether an answer is due over this connection.
    var isSent: Bool
    /// When it is given up; nil: with its connection.
    var deadline: Instant?
    /// Unless it is sent: not before this.
    var earliest: Instant?
    /// What it says from its channel on, up to the last brace; empty once it needs no sending.
    var body: [UInt8]
}

/// The commands of one client, by number.
struct CommandList: Sendable {
    private var commands: [PendingCommand] = []
    /// No deadline and no `earliest` is before this; nil: there is none.
    private(set) var wakeAt: Instant?

    var count: Int { self.commands.count }
    subscript(index: Int) -> PendingCommand { self.commands[index] }

    /// The number must be greater than all before.
    mutating func append(_ command: PendingCommand) {
        self.noteTimes(of: command)
        self.commands.append(command)
    }

    /// The command of a number that is on its way.
    func index(ofSent number: CommandNumber) -> Int? {
        var low = 0
        var high = self.commands.count
        while low < high {
            let middle = (low + high) / 2
            if self.commands[middle].number < number { low = middle + 1 } else { high = middle }
        }
        guard low < self.commands.count, self.commands[low].number == number, self.commands[low].isSent else {
            return nil
        }
        return low
    }

    @discardableResult
    mutating func remove(at index: Int) -> PendingCommand { self.commands.remove(at: index) }

    /// It is on its way. Its body is kept only where it may be needed again.
    mutating func markSent(at index: Int) {
        self.commands[index].isSent = true
        self.commands[index].earliest = nil
        if !self.commands[index].isRepeatable { self.commands[index].body = [] }
    }

    /// It is to be sent again, not before `earliest`.
    mutating func markUnsent(at index: Int, earliest: Instant?) {
        self.commands[index].isSent = false
        self.commands[index].earliest = earliest
        self.noteTimes(of: self.commands[index])
    }

    /// Whether one is to be sent now.
    func isDue(at index: Int, now: Instant) -> Bool {
        let command = self.commands[index]
        guard !command.isSent else { return false }
        return command.earliest.map { $0 <= now } ?? true
    }

    /// Looks at all times anew. Out of service nothing can be sent, so that only deadlines count.
    mutating func recomputeWakeAt(isInService: Bool) {
        self.wakeAt = nil
        for command in self.commands { self.noteTimes(of: command, countsEarliest: isInService) }
    }

    private mutating func noteTimes(of command: PendingCommand, countsEarliest: Bool = true) {
        if let deadline = command.deadline { self.wakeAt = min(self.wakeAt ?? deadline, deadline) }
        guard countsEarliest, let earliest = command.earliest else { return }
        self.wakeAt = min(self.wakeAt ?? earliest, earliest)
    }
}
