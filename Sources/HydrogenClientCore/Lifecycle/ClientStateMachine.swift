import HydrogenProtocol

/// The life of a client from its first attempt to its end, over any number of connections, as a pure value: it is told
/// what happened and when, changes itself, and answers with the one thing to do.
///
/// It knows nothing of commands, subscriptions or sessions but that there are some: `ClientCore` keeps those, and
/// carries the actions out. Each `openTransport` is followed by exactly one of `transportRefused` and `transportEnded`,
/// with `transportOpened` before the latter where the upgrade succeeded.
package struct ClientStateMachine: Sendable, Hashable {
    /// Where the client stands.
    package internal(set) var kind: Kind
    /// Why it is stopped for good, or is about to be; nil before the first start, and while it lives.
    package internal(set) var end: End?
    var marks: Marks
    /// How often a delay was doubled.
    var attempt: UInt8
    /// From `connecting` to `resuming`: when the attempt began. In service: when it began. In `closing`: since when.
    var since: Instant
    /// When the server was last heard from. Means something in service.
    var lastReceivedAt: Instant
    /// In `probing`: when the server is given up. In `waiting`: when the next attempt is due. In `closing`: when it may
    /// be due at the earliest.
    var wakeAt: Instant
    var random: ClientRandom

    /// - Parameter seed: What the jitter is drawn from; the same seed draws the same.
    package init(seed: UInt64) {
        self.kind = .stopped
        self.end = nil
        self.marks = []
        self.attempt = 0
        self.since = Instant(nanoseconds: 0)
        self.lastReceivedAt = self.since
        self.wakeAt = self.since
        self.random = ClientRandom(seed: seed)
    }

    struct Marks: OptionSet, Sendable, Hashable {
        var rawValue: UInt8
        /// In `closing`: another attempt follows.
        static let comesBack = Marks(rawValue: 1)
        /// In `closing`: the transport's end was forced; it follows.
        static let aborted = Marks(rawValue: 2)
    }
}

extension ClientStateMachine {
    /// Tells the machine what happened, and is told what to do. `now` never goes back between two calls.
    package mutating func receive(_ event: Event, at now: Instant, _ settings: Settings) -> Action {
        switch event {
        case .received: self.received(at: now)
        case .deadlineReached: self.deadlineReached(at: now, settings)
        case .startRequested: self.startRequested(at: now)
        case .stopRequested: self.stopRequested(at: now)
        case .transportOpened: self.transportOpened()
        case .transportRefused(let status, let retryAfter):
            self.transportRefused(status, retryAfter, at: now, settings)
        case .transportEnded(let code, let retryAfter): self.transportEnded(code, retryAfter, at: now, settings)
        case .sessionReceived(let canResume): self.sessionReceived(canResume: canResume, at: now)
        case .resumeAccepted: self.resumeAccepted(at: now)
        case .resumeRefused(let isRetryable, let retryAfter):
            self.resumeRefused(isRetryable: isRetryable, retryAfter, at: now)
        case .violationFound: self.violationFound(at: now)
        }
    }

    /// Our own bug: nothing changes here.
    func unreachable(_ error: ProgrammingError) -> Action { .programmingError(error) }

    /// The connection is being ended from our side.
    mutating func beginClosing(comesBack: Bool, isAborted: Bool, at now: Instant) {
        self.kind = .closing
        self.since = now
        self.wakeAt = now
        self.marks = comesBack ? [.comesBack] : []
        if isAborted { self.marks.insert(.aborted) }
    }

    /// The next attempt is due after a random part of a delay that doubles from attempt to attempt, but not before
    /// what the server asked for.
    mutating func waitForNextAttempt(notBefore earliest: Instant, at now: Instant, _ settings: Settings) -> Action {
        var ceiling = settings.backOffBase
        for _ in 0..<self.attempt { ceiling = ceiling + ceiling }
        if ceiling > .zero, ceiling < settings.backOffMaximum { self.attempt += 1 }
        let longest = min(ceiling, settings.backOffMaximum)
        let delay = settings.hasJitter ? self.random.interval(upTo: longest) : longest
        self.kind = .waiting
        self.marks = []
        self.wakeAt = max(now, earliest) + delay
        return .wait
    }

    mutating func stop(_ end: End) -> Action {
        self.kind = .stopped
        self.end = end
        self.marks = []
        self.attempt = 0
        return .stop
    }
}
