import HydrogenProtocol

/// What goes wrong by itself. Each kind says when it may strike; its rate is of a million such occasions.
package enum FaultKind: UInt8, Sendable, CaseIterable {
    /// Each attempt to connect: nobody answers at this address for the moment.
    case connectionRefused
    /// Each message of either side: the connection is reset instead.
    case connectionReset
    /// Each message of a client: its machine vanishes without a FIN; whatever it sends from now on is lost.
    case halfOpen
    /// Each packet of either side: up to two seconds late, and everything behind it.
    case delay
    /// Each message of a client: arrives in pieces, of a few bytes each at worst.
    case split
    /// Each packet for the server: waits and arrives together with the next one.
    case merge
    /// Each message for a client: it stops to read for up to a minute.
    case stalledRead
    /// Each write of the server: the socket takes nothing for the moment.
    case chokedWrite
    /// Each deadline of a loop: noticed late, by up to a tick.
    case lateWakeUp
    /// Each wake-up of a loop: comes twice.
    case duplicateWakeUp
    /// Each mail: waits while others pass that come from other loops.
    case lateMail
    /// Each second: the wall clock is set, by up to an hour in either direction.
    case wallClockJump
    /// Each command of a service: answered very late.
    case slowService
    /// Each command of a service: answered with an error.
    case failingService
    /// Each command of a service: never answered.
    case silentService
    /// Each message of a client: something that it must not send comes first.
    case malformedMessage
    /// Each second: the server is killed, and is back some seconds later.
    case crashRestart
    /// Each commit of the store: takes up to two seconds.
    case lateCommit
    /// Each commit of the store: the device is broken, or full, for this one or for up to ten seconds.
    case failedCommit
    /// Each commit of the store: the server is killed in the middle of it, and is back some seconds later; the commit is
    /// there whole, or not at all.
    case tornCommit
    /// Each `resume` of a client: it names offset 0, so that only what the server knows of its acknowledgements counts.
    case forgottenOffset
}

/// How often each fault strikes, of a million occasions.
package struct FaultRates: Sendable, Equatable {
    private var perMillion = InlineArray<32, Int32>(repeating: 0)

    package init() {}

    package subscript(kind: FaultKind) -> Int {
        get { Int(self.perMillion[Int(kind.rawValue)]) }
        set { self.perMillion[Int(kind.rawValue)] = Int32(clamping: min(max(newValue, 0), 1_000_000)) }
    }

    package static func == (left: FaultRates, right: FaultRates) -> Bool {
        FaultKind.allCases.allSatisfy { left[$0] == right[$0] }
    }
}
