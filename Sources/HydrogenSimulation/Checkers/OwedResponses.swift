import HydrogenProtocol

/// The responses that the server owes to one connection: one for each command that it took (rule 5).
struct OwedResponses {
    /// One command that was taken and not answered.
    struct Entry {
        var number: UInt32
        /// Whether the loop answers it in the same pass, without asking anybody.
        var isImmediate: Bool
        var takenAt: Int64
    }

    private(set) var entries: [Entry] = []
    /// Answers without a known number that may come: for malformed messages, which get one each.
    private(set) var anonymousCount = 0
    /// Answers that may come or not: for messages made by chance.
    private(set) var wildCount = 0
    /// Numbers of earlier commands that came again and are to be refused, each once for each time.
    private(set) var forged: [UInt32] = []

    mutating func removeAll() {
        self.entries.removeAll(keepingCapacity: true)
        self.anonymousCount = 0
        self.wildCount = 0
        self.forged.removeAll(keepingCapacity: true)
    }

    mutating func take(_ number: UInt32, isImmediate: Bool, at now: Int64) {
        self.entries.append(Entry(number: number, isImmediate: isImmediate, takenAt: now))
    }

    mutating func takeAnonymous() { self.anonymousCount += 1 }
    mutating func takeWild() { self.wildCount += 1 }
    mutating func takeForged(_ number: UInt32) { self.forged.append(number) }

    /// Whether a response can only be one to a command that came again: there it must be a refusal.
    func isForForged(_ number: UInt32) -> Bool {
        self.forged.contains(number) && !self.entries.contains { $0.number == number }
    }

    /// Takes out the command that a response answers.
    /// - Parameter number: nil where the response has no number that we know.
    /// - Returns: false where nobody asked.
    mutating func answered(_ number: UInt32?) -> Bool {
        if let number, let index = self.entries.firstIndex(where: { $0.number == number }) {
            // Most answers come in the order of the commands.
            self.entries.remove(at: index)
            return true
        }
        if let number, let index = self.forged.firstIndex(of: number) {
            self.forged.remove(at: index)
            return true
        }
        if number == nil, self.anonymousCount > 0 {
            self.anonymousCount -= 1
            return true
        }
        guard self.wildCount > 0 else { return false }
        self.wildCount -= 1
        return true
    }

    /// When the oldest command was taken that waits for its answer.
    var oldestTakenAt: Int64? { self.entries.first?.takenAt }
    var hasImmediate: Bool { self.entries.contains(where: \.isImmediate) }
}
