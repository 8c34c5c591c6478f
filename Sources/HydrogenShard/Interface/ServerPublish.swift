import HydrogenProtocol

/// An event that the server itself, a service or a backend wants published, and what is to be known of it.
package struct ServerPublish: Sendable {
    /// The driver's name for it, which `Effect.published` repeats.
    package var number: UInt64
    /// Index into `ShardConfiguration.channels`.
    package var channel: Int
    package var action: [UInt8]
    /// The JSON text of an object.
    package var data: [UInt8]
    package var priority: Priority
    package var isRetained: Bool
    package var isGuaranteed: Bool
    package var audience: Audience
    package var key: PublishKey?
    package var wantsCount: Bool

    package init(
        number: UInt64, channel: Int, action: [UInt8], data: [UInt8], priority: Priority = .normal,
        isRetained: Bool = false, isGuaranteed: Bool = false, audience: Audience = .subscribers,
        key: PublishKey? = nil, wantsCount: Bool = false
    ) {
        self.number = number
        self.channel = channel
        self.action = action
        self.data = data
        self.priority = priority
        self.isRetained = isRetained
        self.isGuaranteed = isGuaranteed
        self.audience = audience
        self.key = key
        self.wantsCount = wantsCount
    }

    /// Whether one loop must see to it, since an answer is waited for: of the loop that keeps its key, of those that
    /// count, of the store. Else every loop can be told at once.
    /// - Parameters:
    ///   - isKept: guaranteed or retained.
    ///   - isDurable: whether the store is the durable one.
    package static func needsOneLoop(hasKey: Bool, wantsCount: Bool, isKept: Bool, isDurable: Bool) -> Bool {
        hasKey || wantsCount || isDurable && isKept
    }

    /// The loop that sees to it: its key's, or one after the other.
    package func home(loopCount: Int) -> LoopIndex {
        self.key?.home(loopCount: loopCount) ?? Int(self.number % UInt64(loopCount))
    }
}

/// What came of a publish.
package enum PublishOutcome: Sendable, Equatable {
    /// The id of the event, or of the first one under its key. The receivers are told if they were asked for.
    case accepted(EventID, receiverCount: Int?)
    /// `busy` or `failed`: nobody gets it.
    case refused(ErrorCode)

    var response: CommandOutcome {
        switch self {
        case .refused(let code):
            return .failure(ResponseError(code))
        case .accepted(let event, let receiverCount):
            var data: [UInt8] = []
            data.append("{\"event\":")
            data.append(jsonString: event.text)
            if let receiverCount {
                data.append(",\"receivers\":")
                data.append(decimal: Int64(receiverCount))
            }
            data.append(UInt8(ascii: "}"))
            return .success(data)
        }
    }
}
