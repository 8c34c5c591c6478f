import HydrogenProtocol

/// Decides which inputs take place, by the mask, and remembers those that did.
struct InputLog {
    private let mask: InputMask
    /// The inputs that the mask names, in order.
    private let named: [InputID]
    private let maximumCount: Int
    private(set) var taken: [InjectedInput] = []

    init(_ options: SimulationOptions) {
        self.mask = options.mask
        self.maximumCount = options.recordsInputs ? options.maximumInputCount : 0
        switch options.mask {
        case .all: self.named = []
        case .only(let ids), .except(let ids): self.named = ids.sorted()
        }
    }

    /// Whether this input takes place; if so, it is remembered.
    mutating func admits(_ id: InputID, at now: Instant, _ text: @autoclosure () -> String) -> Bool {
        switch self.mask {
        case .all: break
        case .only: guard self.isNamed(id) else { return false }
        case .except: guard !self.isNamed(id) else { return false }
        }
        if self.taken.count < self.maximumCount {
            self.taken.append(InjectedInput(id: id, at: now, text: text()))
        }
        return true
    }

    private func isNamed(_ id: InputID) -> Bool {
        var low = 0
        var high = self.named.count
        while low < high {
            let middle = (low + high) / 2
            if self.named[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < self.named.count && self.named[low] == id
    }
}
