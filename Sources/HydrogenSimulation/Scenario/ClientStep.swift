import HydrogenProtocol

/// One step of what a client does; the small language of scripts.
package indirect enum ClientStep: Sendable {
    /// Does nothing for a while.
    case wait(Delay)
    /// Sends a command and goes on at once.
    case command(CommandPlan)
    /// Sends a command and goes on when it is answered.
    case ask(CommandPlan)
    /// So many commands in one instant.
    case burst(count: Int, CommandPlan)
    /// Commands at this distance for so long.
    case flood(every: Interval, duration: Interval, CommandPlan)
    case subscribe(SubscribePlan)
    /// Gives up what it subscribed to on a channel under this topic.
    case unsubscribe(channel: Int, topic: String)
    case publish(PublishPlan)
    /// Takes what the server sends at most so fast from now on; nil: as the link gives it.
    case readAtMost(bytesPerSecond: Int?)
    /// Reads nothing any more, until `resumeReading`.
    case stopReading
    case resumeReading
    /// Sends nothing from here on, not even pongs, until `speak` or its next connection; what it does meanwhile is lost.
    case goSilent
    case speak
    /// Handles no guaranteed event from here on, so that none is acknowledged, until `handleEvents` or its next session.
    case holdEvents
    /// Handles what it held, in any order, and what comes.
    case handleEvents
    /// Its machine is gone without a word: nothing goes through in either direction, until `reappear`.
    case vanish
    case reappear
    /// Becomes a copy of the client before it in its group (the last one, for the first) that shows the same key, as a
    /// machine does that is restored from another's backup: it knows all that the other knows, and asks for its session.
    /// Where there is none, nothing happens, nor in a group that neither subscribes nor publishes.
    case stealSession
    /// Starts the closing handshake; nil: a close frame without a code.
    case close(code: UInt16?)
    /// Resets the connection.
    case reset
    /// Ends the TCP connection without a close frame.
    case hangUp
    case hostile(HostileInput)
    /// Sends a text message as it is; whatever the server answers is right.
    case message(String)
    /// Sends a ping, or a pong that nobody asked for.
    case unsolicitedPong
    /// Does the steps so often; nil: for ever.
    case loop(count: Int?, [ClientStep])
    /// One of these, each as likely as its weight says.
    case choose([(weight: Int, steps: [ClientStep])])

    /// How deep loops may be nested.
    package static let maximumLoopDepth = 8
}

/// A command.
package struct CommandPlan: Sendable {
    /// By name, so that one that does not exist can be asked for too.
    package var channel: String
    package var action: String
    /// The JSON text of `data`. `$n` becomes the number of the command, `$c` that of the client.
    package var data: String
    package var token: Token

    package init(channel: String, action: String, data: String = "{}", token: Token = .session) {
        self.channel = channel
        self.action = action
        self.data = data
        self.token = token
    }

    /// What stands in `auth.token`.
    package enum Token: String, Sendable, CaseIterable {
        /// The session's, while messages need one.
        case session
        case absent
        case wrong
    }
}

/// A subscription. What comes for it is checked against it.
package struct SubscribePlan: Sendable {
    /// Index into `ShardConfiguration.channels`.
    package var channel: Int
    package var topic: String
    package var filter: FilterPlan?
    /// 0 critical, 1 high, 2 normal, 3 low; nil: the event's.
    package var priority: Priority?
    package var conflate: Interval?
    package var isGuaranteed: Bool

    package init(
        channel: Int, topic: String, filter: FilterPlan? = nil, priority: Priority? = nil, conflate: Interval? = nil,
        isGuaranteed: Bool = false
    ) {
        self.channel = channel
        self.topic = topic
        self.filter = filter
        self.priority = priority
        self.conflate = conflate
        self.isGuaranteed = isGuaranteed
    }

    /// Published events carry `"kind"` from 0 to `PublishPlan.kindCount` - 1; a filter asks for one of them.
    package enum FilterPlan: Sendable, Equatable {
        case kind(Int)
        case kindAtLeast(Int)
    }
}

/// Events that a client publishes: `data` is `{"kind":k,"client":c,"n":n,"pad":"…"}`.
package struct PublishPlan: Sendable {
    /// Index into `ShardConfiguration.channels`.
    package var channel: Int
    package var action: String
    /// `kind` is drawn from 0 to this, not included.
    package var kindCount: Int
    /// Bytes of `pad`.
    package var padByteCount: Int
    package var priority: Priority?
    package var isRetained: Bool
    /// Whether `count` is asked for.
    package var wantsCount: Bool
    /// Published under a key, of which the client has so many; 0: without.
    package var keyCount: Int
    package var isForAll: Bool
    package var isGuaranteed: Bool

    package init(
        channel: Int, action: String, kindCount: Int = 4, padByteCount: Int = 0, priority: Priority? = nil,
        isRetained: Bool = false, wantsCount: Bool = false, keyCount: Int = 0, isForAll: Bool = false,
        isGuaranteed: Bool = false
    ) {
        self.channel = channel
        self.action = action
        self.kindCount = kindCount
        self.padByteCount = padByteCount
        self.priority = priority
        self.isRetained = isRetained
        self.wantsCount = wantsCount
        self.keyCount = keyCount
        self.isForAll = isForAll
        self.isGuaranteed = isGuaranteed
    }
}

extension PublishPlan {
    /// The JSON text of `data`.
    func appendData(kind: Int, client: Int, number: UInt32, to data: inout [UInt8]) {
        data.append("{\"kind\":")
        data.append(decimal: Int64(kind))
        data.append(",\"client\":")
        data.append(decimal: Int64(client))
        data.append(",\"n\":")
        data.append(decimal: Int64(number))
        data.append(",\"pad\":\"")
        data.append(contentsOf: repeatElement(UInt8(ascii: "x"), count: self.padByteCount))
        data.append("\"}")
    }
}

/// What a peer may do that it must not.
package enum HostileInput: String, Sendable, CaseIterable {
    case malformedJSON, notAnObject, emptyMessage, tooDeep, unknownType, missingField, invalidField, duplicateMember
    case longId, controlCharactersInId, hugeNumber, loneSurrogate
    case binary, invalidUTF8, oversize, oversizeInFragments, unfinishedMessage, emptyFragments
    case unmaskedFrame, reservedOpcode, fragmentedControlFrame, continuationWithoutStart
    case forbiddenCloseCode, wrongToken, unknownAck, responseFromClient
    /// Bytes that the seed draws; a valid command with some bytes changed.
    case noise, mutatedCommand
    /// The client's last signed command that was served once more, of an earlier connection if this one has none: as it
    /// was, with another id under the same signature, or with another time.
    case replayedCommand, forgedSignature, forgedTimestamp

    var isForgery: Bool {
        switch self {
        case .replayedCommand, .forgedSignature, .forgedTimestamp: true
        default: false
        }
    }
}
