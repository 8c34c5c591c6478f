import HydrogenProtocol

/// One thing that is counted, when it happens to a client.
enum Fact {
    case attempt
    case opened
    case refused(Int)
    case dropped
    case closed(UInt16)
    case message
    case succeeded
    case failed(ErrorCode?)
    case event

    /// Whether an expectation about a quantity means it.
    func counts(for quantity: Expectation.Quantity) -> Bool {
        switch (self, quantity) {
        case (.attempt, .attempts), (.opened, .opened), (.dropped, .dropped), (.message, .messages),
            (.succeeded, .succeeded), (.event, .events):
            true
        case (.refused(let status), .refused(let wanted)): wanted == nil || wanted == status
        case (.closed(let code), .closed(let wanted)): wanted == nil || wanted == code
        case (.failed(let code), .failed(let wanted)): wanted == nil || wanted == code
        default: false
        }
    }
}
