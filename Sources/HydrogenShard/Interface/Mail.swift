import HydrogenProtocol

/// A message to one loop, from another loop or from another thread of the process.
package enum Mail: Sendable {
    /// Deliver an event to the sessions of this loop.
    case event(PublishedEvent, report: ReceiverReport?)
    /// How many sessions of another loop received an event that this loop asked to be counted.
    case receivers(count: Int, publication: UInt32)
    /// Another loop wants to publish under a key that this loop keeps.
    case claimKey(PublishKey, event: EventID, isPending: Bool, from: LoopIndex, publication: UInt32)
    /// The answer to `claimKey`.
    case keyVerdict(PublishKeyVerdict, publication: UInt32)
    /// What became of a publish under a key that was pending.
    case settleKey(PublishKey, event: EventID, isCommitted: Bool)
    /// Put an event into the outboxes that it is for, to be sent once it is committed.
    case prepare(PublishedEvent, report: ReceiverReport)
    /// What `prepare` came to.
    case prepared(PreparedAnswer, publication: UInt32)
    /// What was prepared is committed, or is to be forgotten.
    case decided(prepared: UInt32, isCommitted: Bool)
    /// The store has answered a batch.
    case stored(StoreAnswer)
    /// Publish an event; `Effect.published` tells what came of it.
    case publish(ServerPublish)
    /// What another loop has to say about sessions that live on one of the two and have a connection on the other.
    case link(LinkMail)
    /// More sessions are detached than may be: the one of this loop that waits longest ends.
    case expireLongestDetached
    /// A service's answer to a command.
    case answer(ServiceAnswer)
    /// What replaces the keys known so far.
    case keys(KeyRing)
    /// What replaces the reloadable part of the configuration.
    case policy(ShardPolicy)
    /// Close every connection with 1001, spread over the time given, and refuse new ones.
    case drain(spread: Interval)
    /// Close the connections that the selector names, with 4403.
    case disconnect(ConnectionSelector, answer: @Sendable (Int) -> Void)
    /// Describe connections of this loop.
    case describe(DescriptionPage, answer: @Sendable ([ConnectionDescription]) -> Void)
    /// Describe sessions that live on this loop.
    case describeSessions(DescriptionPage, answer: @Sendable ([SessionDescription]) -> Void)
    /// A ticket was given out; the answer says that it can be used here.
    case ticket(Ticket, answer: @Sendable () -> Void)
    /// The server API has refused somebody: it counts here, as an error and as an offence.
    case refusedElsewhere(ErrorCode, Offender)
    /// A limit would have refused, or has refused, what the server API was asked.
    case limitedElsewhere(LimitName, Offender, isDryRun: Bool)
    /// Another loop has blocked an identity at an address: close its connections from there.
    case identityBlocked(Offender)
    /// Describe the blocks that this loop has set.
    case describeBlocks(answer: @Sendable ([BlockDescription]) -> Void)
    /// End those of an address, and of identities there; the answer is how many there were.
    case liftBlocks(PeerAddress, answer: @Sendable (Int) -> Void)
    /// Mail between two loops that are recorded. The recording names it by its stamp: a replay has it from the loop that
    /// posted it.
    indirect case stamped(Mail, MailStamp)
}

/// Names a mail by the loop that posted it.
package struct MailStamp: Sendable, Hashable {
    package var loop: LoopIndex
    /// Among all mails of that loop, from 1.
    package var number: UInt64

    package init(loop: LoopIndex, number: UInt64) {
        self.loop = loop
        self.number = number
    }
}

extension Mail {
    /// For traces.
    package var name: StaticString {
        switch self {
        case .event: "event"
        case .receivers: "receivers"
        case .claimKey: "claimKey"
        case .keyVerdict: "keyVerdict"
        case .settleKey: "settleKey"
        case .prepare: "prepare"
        case .prepared: "prepared"
        case .decided: "decided"
        case .stored: "stored"
        case .publish: "publish"
        case .link: "link"
        case .expireLongestDetached: "expireLongestDetached"
        case .answer: "answer"
        case .keys: "keys"
        case .policy: "policy"
        case .drain: "drain"
        case .disconnect: "disconnect"
        case .describe: "describe"
        case .describeSessions: "describeSessions"
        case .ticket: "ticket"
        case .refusedElsewhere: "refusedElsewhere"
        case .limitedElsewhere: "limitedElsewhere"
        case .identityBlocked: "identityBlocked"
        case .describeBlocks: "describeBlocks"
        case .liftBlocks: "liftBlocks"
        case .stamped(let mail, _): mail.name
        }
    }
}

/// Where to tell the number of receivers.
package struct ReceiverReport: Sendable {
    package var loop: LoopIndex
    package var publication: UInt32

    package init(loop: LoopIndex, publication: UInt32) {
        self.loop = loop
        self.publication = publication
    }
}

/// Which connections an operator means.
package enum ConnectionSelector: Sendable {
    case session(String)
    case identity(String)
    case address(PeerAddress)
}
