import CLibev
import CLibwebsockets
import Glibc
import HydrogenProtocol
import HydrogenShard
import HydrogenThreads

/// One loop: a thread's whole world of sockets, and the driver of one core.
///
/// Made on the main thread, before any connection (lws writes process-wide variables at each TLS context), then run
/// by `LoopThread`. Every other method is called on the loop's thread, by the C trampolines.
@safe package final class EventLoop<Core: LoopCore & ~Copyable> {
    let handle: LoopHandle
    /// The handles of all loops, by index: where mail for them goes.
    let loops: [LoopHandle]
    let configuration: LoopConfiguration
    let delegate: LoopDelegate
    private let ownedCore: LoopOwned<Core>
    private let ownedTable = LoopOwned(TransportTable())
    private let ownedCorking = LoopOwned(Corking())
    /// lws's context, and what it points into; nil only when it could not be made.
    private(set) var server: OpaquePointer?
    /// OpenSSL's SSL_CTX of this loop; nil without TLS.
    var tlsContext: UnsafeMutableRawPointer?
    let watchers: LoopWatchers
    /// What the store has kept, until the loop runs.
    private var restored: RestoredState
    /// Connections to be ended at once, which must not happen inside of a callback of theirs.
    var condemned: [ConnectionID] = []
    /// Connections whose 101 waits for the first message, until the end of the pass.
    var heldOpenings: [ConnectionID] = []
    var armedDeadline: Instant?
    /// When lws is to look at its time-outs.
    private var lwsServiceDue = Instant(nanoseconds: 0)
    /// When this pass first looked at the clock; nil before.
    private var passBegan: Instant?
    /// When it looked last.
    private var lastLook = Moment(instant: Instant(nanoseconds: 0), wall: WallTime(milliseconds: 0))
    /// Whether a pass has ended since.
    private var isLookOld = true
    var isStopping = false

    /// - Parameters:
    ///   - listeners: this loop's listening sockets, which it closes at its end.
    ///   - loops: the handles of all loops, this one's among them, by index.
    ///   - restored: what the store has kept for this loop.
    package init(
        handle: LoopHandle, loops: [LoopHandle], listeners: ListeningSockets, configuration: LoopConfiguration,
        delegate: LoopDelegate, core: consuming Core, restored: RestoredState = RestoredState()
    ) throws(TransportError) {
        self.handle = handle
        self.restored = restored
        self.loops = loops
        self.configuration = configuration
        self.delegate = delegate
        self.ownedCore = LoopOwned(core)
        unsafe self.watchers = LoopWatchers(libev: handle.libev, wake: handle.wakeWatcher, listeners: listeners)
        unsafe self.server = try makeServer(
            configuration, on: handle.libev, callback: Core.trampolines.callback,
            user: Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        unsafe hydrogen_server_free(self.server)
    }

    var core: Core {
        @inline(__always) _read { yield self.ownedCore.value }
        @inline(__always) _modify { yield &self.ownedCore.value }
    }

    var table: TransportTable {
        @inline(__always) _read { yield self.ownedTable.value }
        @inline(__always) _modify { yield &self.ownedTable.value }
    }

    var corking: Corking {
        @inline(__always) _read { yield self.ownedCorking.value }
        @inline(__always) _modify { yield &self.ownedCorking.value }
    }

    /// Runs until it is told to stop and its core has no connection left, or the deadline of the stop has come.
    func run() {
        unsafe self.watchers.start(
            handler: Core.trampolines.watcher, owner: Unmanaged.passUnretained(self).toOpaque())
        self.supplyEntropy()
        self.restore()
        self.wokeUp()
        unsafe hydrogen_loop_run(self.handle.libev)
        self.tearDown()
    }

    private func restore() {
        for piece in self.restored.pieces {
            self.core.restore(piece, at: self.now())
            self.performEffects()
        }
        self.restored = RestoredState()
    }

    /// The time of what happens now: looks at the clocks.
    func now() -> Moment {
        let now = Clock.now()
        self.lastLook = now
        self.isLookOld = false
        if self.passBegan == nil { self.passBegan = now.instant }
        return now
    }

    /// The time of what peers sent: that of the last look, since what a pass hands out had arrived when it began. One look
    /// for all messages of a pass instead of one for each saves 50 ns each.
    func timeOfArrival() -> Moment { self.isLookOld ? self.now() : self.lastLook }

    /// Ends what is left: our watchers, the sockets, the contexts.
    private func tearDown() {
        for id in self.table.ids { self.stopMaskCheck(id) }
        self.watchers.stop()
        unsafe hydrogen_server_destroy(self.server)
        while unsafe hydrogen_server_context(self.server) != nil {
            unsafe hydrogen_loop_run_once(self.handle.libev)
        }
    }

    /// Whether the loop is over: told to stop, and nothing left or no time left.
    func endIfOver(at now: Instant) {
        guard let deadline = self.handle.askedStop else { return }
        if !self.isStopping {
            self.isStopping = true
            self.watchers.stopAccepting()
        }
        guard self.core.connectionCount == 0 || deadline <= now else { return }
        unsafe hydrogen_loop_break(self.handle.libev)
    }

    /// Mail arrived, or another thread wants something.
    func wokeUp() {
        self.handle.acknowledgeWake()
        while let files = self.handle.certificates.take() { self.replaceCertificates(by: files) }
        var count = 0
        while count < self.configuration.maxMailPerPass, let mail = self.handle.mailbox.take() {
            self.core.deliver(mail, at: self.now())
            self.performEffects()
            count += 1
        }
        if count == self.configuration.maxMailPerPass { self.handle.wake() }
    }

    private func replaceCertificates(by files: TLSFiles) {
        guard let context = unsafe self.tlsContext else { return }
        let isReplaced = unsafe hydrogen_certificates_replace(context, files.certificatePath, files.keyPath)
        if !isReplaced { self.delegate.fault(self.handle.index, .certificatesKept) }
    }

    /// The loop is about to wait for events: the core writes what is due and frees what is over.
    func endPass() {
        self.corking = Corking()
        let now = self.now()
        self.core.endTurn(at: now) { id, bytes in self.write(bytes, to: id) }
        self.releaseOpenings()
        self.performEffects()
        while !self.condemned.isEmpty {
            self.executeCondemned()
            self.core.endTurn(at: now) { id, bytes in self.write(bytes, to: id) }
            self.performEffects()
        }
        self.armDeadline()
        let ended = Clock.instant()
        self.core.passed(in: ended - (self.passBegan ?? ended))
        self.passBegan = nil
        self.isLookOld = true
        self.endIfOver(at: ended)
    }

    /// Something may be due.
    func deadlineCame() {
        self.armedDeadline = nil
        let now = self.now()
        if Self.isDue(self.core.nextDeadline, now) || Self.isDue(self.core.nextTimeout, now) {
            self.core.advance(to: now)
            self.performEffects()
        }
        guard self.lwsServiceDue <= now.instant else { return }
        self.lwsServiceDue = now.instant + .seconds(1)
        unsafe lws_cancel_service(hydrogen_server_context(self.server))
    }

    private static func isDue(_ deadline: Instant?, _ now: Moment) -> Bool { deadline.map { $0 <= now.instant } ?? false }

    private func armDeadline() {
        // lws lets its own time-outs, of whole seconds, pass only when something happens on the loop: this does, once a second.
        var deadline = self.lwsServiceDue
        // Asked before they are looked at: inside of a condition the compiler allocates for each question, once a pass.
        let next = self.core.nextDeadline
        let timeout = self.core.nextTimeout
        if let next { deadline = min(deadline, next) }
        if let timeout { deadline = min(deadline, self.tick(after: timeout)) }
        if let stop = self.handle.askedStop { deadline = min(deadline, stop) }
        if self.armedDeadline == deadline { return }
        self.armedDeadline = deadline
        self.watchers.armDeadline(after: deadline - Clock.instant())
    }

    /// The next tick of `ServiceInterval`. Time-outs of connections wait for it, so that those of many are one wake-up: 19,000
    /// connections are sent 760 pings a second, which come 15 at a time with the default of 20 ms.
    private func tick(after instant: Instant) -> Instant {
        let interval = self.configuration.serviceInterval.nanoseconds
        return Instant(nanoseconds: (instant.nanoseconds + interval - 1) / interval * interval)
    }

    func supplyEntropy() {
        let count = self.core.entropyNeededCount
        guard count > 0 else { return }
        var entropy = [UInt8](repeating: 0, count: count)
        unsafe entropy.withUnsafeMutableBytes { buffer in
            // The system gives at most 256 bytes at once, and then never fails.
            for start in stride(from: 0, to: count, by: 256) {
                unsafe getentropy(buffer.baseAddress.map { unsafe $0 + start }, min(256, count - start))
            }
        }
        self.core.supply(entropy: entropy.span)
    }
}
