import HydrogenProtocol

extension ConnectionStateMachine {
    /// What the driver must do about an event.
    package enum Action: Sendable, Hashable {
        /// Nothing; the event did its work inside.
        case none
        /// Nothing: a legitimate race.
        case ignored(IgnoredReason)
        /// Answer with the 101.
        case sendUpgrade
        /// Answer with the HTTP status; hand in `queueDrained` when it is written.
        case sendRefusal
        /// Open the session and begin to serve.
        case beginService
        /// Send a ping: the peer was silent for `HeartbeatInterval`.
        case sendPing
        /// Count a missed heartbeat, and send the next ping.
        case repeatPing
        /// The peer answered our ping after this time.
        case recordRoundTrip(Interval)
        /// The peer is back after a missed heartbeat: count it.
        case recordRevival
        /// Take no more work, write what is queued, and hand in `queueDrained` when nothing is left.
        case beginClosing(CloseCode)
        /// As `beginClosing`, for a fault of the peer that the machine found: count the error `closeReason` too.
        case closeOnViolation(CloseCode)
        /// As `endTransport`, for a fault of the peer that the machine found: count the error `closeReason` too.
        case dropOnViolation
        /// Write the close frame, as the last one.
        case sendClose(CloseCode)
        /// The peer closes: take no more work, answer with a close frame of this code (nil: an empty one; a transport
        /// that answers by itself has done so), then end the transport. `queueDrained` is not asked for.
        case answerClose(code: UInt16?)
        /// End the transport in an orderly way; `transportEnded` follows, at the latest after `abort`.
        case endTransport
        /// End the transport now, whatever is still to be written; `transportEnded` must follow.
        case abort
        /// The transport is gone: release timers and queues.
        case releaseResources
        /// Keep the slot for the references that are out; arm the deadline of the zombie.
        case holdForReferences
        /// Give the slot back, under a new generation.
        case free
        /// As `free`; so many references never came back: count a collected orphan.
        case freeOrphans(count: UInt16)
        /// A reference came back that nobody misses: count it as stale.
        case countStaleReference
        /// Our own bug; see `unreachable(_:)`.
        case programmingError(ProgrammingError)

        /// The action without what it carries.
        package var kind: ActionKind {
            switch self {
            case .none: .none
            case .ignored: .ignored
            case .sendUpgrade: .sendUpgrade
            case .sendRefusal: .sendRefusal
            case .beginService: .beginService
            case .sendPing: .sendPing
            case .repeatPing: .repeatPing
            case .recordRoundTrip: .recordRoundTrip
            case .recordRevival: .recordRevival
            case .beginClosing: .beginClosing
            case .closeOnViolation: .closeOnViolation
            case .dropOnViolation: .dropOnViolation
            case .sendClose: .sendClose
            case .answerClose: .answerClose
            case .endTransport: .endTransport
            case .abort: .abort
            case .releaseResources: .releaseResources
            case .holdForReferences: .holdForReferences
            case .free: .free
            case .freeOrphans: .freeOrphans
            case .countStaleReference: .countStaleReference
            case .programmingError: .programmingError
            }
        }
    }

    /// An action without what it carries.
    package enum ActionKind: String, Sendable, CaseIterable {
        case none, ignored
        case sendUpgrade, sendRefusal, beginService
        case sendPing, repeatPing, recordRoundTrip, recordRevival
        case beginClosing, closeOnViolation, dropOnViolation, sendClose, answerClose, endTransport, abort
        case releaseResources, holdForReferences, free, freeOrphans, countStaleReference
        case programmingError
    }

    /// Why an event may come and yet change nothing.
    package enum IgnoredReason: String, Sendable, CaseIterable {
        case notYetDue = "the deadline has moved: arm it anew"
        case nothingArmed = "no deadline stands here: the wake-up is from before"
        case alreadyEnding = "it is ending already, with the code it began with"
        case requestWhileEnding = "a request that was on its way when the transport was given up"
        case lateVerdict = "the verdict came when the peer was given up"
        case closedBeforeUpgrade = "it was closed while the 101 was on its way"
        case afterClose = "data after a close frame is discarded (RFC 6455 §1.4, §5.5.1)"
        case bytesWhileEnding = "bytes that were on their way when the transport was given up"
        case closeRepeated = "a second close frame says nothing new"
        case queueInUse = "an empty queue means something only to a connection that ends"
        case lastWordSent = "the last word is out already"
        case queueReleased = "the queue was released in this turn"
        case turnOfTheLiving = "the end of a turn frees nobody who has a transport or is in use"
    }

    /// What only a bug of ours brings about.
    package enum ProgrammingError: String, Sendable, CaseIterable {
        case requestRepeated = "a second request on a connection that has had its answer"
        case verdictWithoutRequest = "a verdict before the request was read"
        case verdictRepeated = "a second verdict"
        case upgradeWithoutVerdict = "upgraded without having been accepted"
        case upgradeRepeated = "upgraded twice"
        case queueBeforeUpgrade = "a queue where nothing may be queued"
        case referenceBeforeRequest = "a reference before there is a request"
        case referenceWhileEnding = "work was given out for a connection that ends"
        case tooManyReferences = "more references than can be counted"
        case transportEndedTwice = "the transport ended twice"
        case afterTransportEnded = "an event of a transport that is gone"
        case afterFree = "an event for a context that is freed"
    }
}
