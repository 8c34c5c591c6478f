import Dispatch
import Glibc
import HydrogenAssembly
import HydrogenConfiguration
import HydrogenCrypto
import HydrogenHTTP
import HydrogenMetrics
import HydrogenProtocol
import HydrogenRecording
import HydrogenServices
import HydrogenShard
import HydrogenStore
import HydrogenThreads
import HydrogenTransport
import Logging

/// The parts of a running server, put together.
final class ServerParts: Sendable {
    private let logger: Logger
    private let drainTimeout: Interval
    private let loops: [LoopHandle]
    private let threads: [LoopThread]
    private let runners: [ServiceRunner]
    private let http: HTTPServer?
    private let statusTimer: StatusTimer
    /// nil while nothing is recorded.
    private let recording: RecordingWriter?
    /// nil with everything in memory.
    private let store: DurableStore?
    private let drainedLoops: Guarded<Set<LoopIndex>>
    private let gate: APIGate
    let desk: OperatorDesk
    let publisher: EventPublisher
    let status: StatusReporter
    let port: Int?
    /// Whether every interface means those of both families.
    private let listensOnIPv6Too: Bool

    var httpPort: Int? { self.http.map { Int($0.port) } }

    /// Whether the durable store takes nothing now.
    var isStoreFailing: Bool { self.store?.isFailing ?? false }

    /// Places of a loop's mailbox for events, and for an operator.
    private static let eventPlaceCount = 8192
    private static let controlPlaceCount = 64
    /// A certificate that ends earlier is warned of, at the start and at each reload.
    private static let certificateWarningDays: Int64 = 14

    /// Starts everything, from the inside to the outside: services, loops, HTTP side.
    init(
        _ configuration: Configuration, services given: [ServiceRegistration], recording: RecordingOptions?,
        logger: Logger, readiness: @escaping @Sendable () -> Readiness
    ) throws(ServerError) {
        self.logger = logger
        self.drainTimeout = configuration.drainTimeout
        let box = Guarded<StatusReporter?>(nil)
        let services = try Self.services(configuration, given: given, status: { box.withLock { $0 }?.status() ?? [] })
        let channels = configuration.channels(
            services: services.map { service in
                ChannelService(
                    channel: service.channel, actions: service.actions.map { ($0.name, $0.description) })
            })
        let loopCount = configuration.enabled ? configuration.threadPoolSize : 0
        let metrics = ShardMetrics(channels: channels.map(\.name))
        let ledger = SharedLedger(maxAddresses: configuration.rateLimits.maxAddresses, salt: try Self.salt())
        let places = MailPlaces(
            loopCount: loopCount, eventCount: Self.eventPlaceCount,
            answerCount: ServiceQuota.perService * services.count, controlCount: Self.controlPlaceCount)
        let drained = Guarded<Set<LoopIndex>>([])
        self.drainedLoops = drained
        var opened: ServerStore?
        do {
            let loops = try (0..<loopCount).map { index throws(TransportError) in
                try LoopHandle(index: index, mailboxCapacity: places.mailboxCapacity)
            }
            self.loops = loops
            let cells = loops.map { _ in SnapshotCell(metrics.table) }
            let status = StatusReporter(
                node: configuration.node ?? "", metrics: metrics,
                sources: zip(loops, cells).map { loop, cell in
                    MetricsSource(loop: loop.index, cell: cell, wake: { loop.wake() })
                })
            self.status = status
            box.withLock { $0 = status }
            if let tls = configuration.certificateFiles {
                status.certificateEndsAt.store(
                    try Self.checkCertificate(tls, logger).milliseconds, ordering: .relaxed)
            }
            opened = try ServerStore.open(
                configuration, channels: channels, loops: loops, ledger: ledger, logger: logger)
            let store = opened?.store
            self.store = store
            let publisher = try EventPublisher(
                channels: channels, loops: loops, places: places, ledger: ledger,
                isDurable: store != nil)
            self.publisher = publisher
            self.runners = services.map { registration in
                Self.runner(registration, configuration, loops: loops, publisher: publisher, logger: logger)
            }
            for runner in self.runners { try Self.start(runner) }
            let runners = self.runners
            let delegate = LoopDelegate(
                dispatch: { request in Self.dispatch(request, to: runners[request.service], loops: loops) },
                store: { store?.enqueue($0) },
                published: { publisher.published($0, $1) },
                log: { logger.record($0) },
                drained: { loop in drained.withLockNotifying { _ = $0.insert(loop) } },
                fault: { loop, fault in logger.fault(fault, loop: loop) })
            let keys = try configuration.keyRing()
            let desk = OperatorDesk(loops: loops, places: places)
            self.desk = desk
            let gate = APIGate(keys: keys, limits: configuration.policy.limits, ledger: ledger, desk: desk)
            self.gate = gate
            let listeners =
                configuration.enabled
                ? try ListeningSockets.open(
                    address: configuration.interface, enableIPv6: configuration.enableIPv6,
                    port: UInt16(configuration.port), loopCount: loopCount) : []
            let recording = try Self.recording(
                recording, configuration, channels: channels, keys: keys, loopCount: loopCount, logger: logger)
            self.recording = recording
            let parts = LoopParts(
                configuration: configuration.shard(channels: channels), policy: configuration.policy, keys: keys,
                ledger: ledger, places: places, metrics: metrics, loops: loops, loopConfiguration: configuration.loop,
                delegate: delegate, recording: recording, restored: opened?.restored ?? [])
            // All contexts exist before the first loop runs: libwebsockets writes process-wide variables at each.
            let prepared = try zip(loops, listeners).map { loop, listener in
                try parts.prepare(loop, listener, snapshots: cells[loop.index])
            }
            self.threads = try prepared.map { try LoopThread.start($0) }
            self.port = listeners.first.map { Int($0.port) }
            self.listensOnIPv6Too = (listeners.first?.descriptors.count ?? 0) > 1
            status.isRunning.store(configuration.enabled, ordering: .relaxed)
            self.http = try Self.http(
                configuration, status, readiness,
                api: ServerAPI(configuration, gate: gate, desk: desk, publisher: publisher, logger: logger))
            self.statusTimer = StatusTimer(every: configuration.statusInterval) {
                // A server that is too busy for its own status says so by the metrics.
                _ = try? publisher.publish(
                    publisher.request(
                        channel: "system", action: "status_update", data: status.status(), options: EventOptions(),
                        audience: .subscribers))
            }
        } catch {
            opened?.store.stop()
            throw Self.explain(error)
        }
        self.announce(configuration)
    }

    private static func explain(_ error: any Error) -> ServerError {
        switch error {
        case let error as ServerError: error
        case TransportError.listen(let address, let port, let code):
            .start(unsafe "cannot listen on \(address) port \(port): \(String(cString: strerror(code)))")
        default: .start("\(error)")
        }
    }

    /// nil where the configuration wants none.
    private static func http(
        _ configuration: Configuration, _ status: StatusReporter,
        _ readiness: @escaping @Sendable () -> Readiness, api: ServerAPI
    ) throws -> HTTPServer? {
        guard configuration.metrics.enabled else { return nil }
        return try HTTPServer(
            try configuration.httpOptions(),
            source: HTTPSource(
                metrics: { status.exposition($0) }, readiness: readiness, status: { status.status() }), api: api)
    }

    /// Where addresses belong in the tables of limits, nobody outside can tell.
    private static func salt() throws(ServerError) -> HashSalt {
        var bytes: [UInt8] = []
        do {
            try RandomBytes.append(16, to: &bytes)
        } catch {
            throw .start("\(error)")
        }
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        return HashSalt(word(bytes[..<8]), word(bytes[8...]))
    }

    /// Begins to write down what happens, if that is wanted.
    private static func recording(
        _ options: RecordingOptions?, _ configuration: Configuration, channels: [ChannelDefinition], keys: KeyRing,
        loopCount: Int, logger: Logger
    ) throws -> RecordingWriter? {
        guard let options else { return nil }
        let head = RecordingHead(
            serverVersion: Version.current, startedAt: Clock.wallTime(), loopCount: loopCount,
            configuration: configuration.shard(channels: channels), policy: configuration.policy, keys: keys)
        return try RecordingWriter(options, head: head, logger: logger)
    }

    private static func services(
        _ configuration: Configuration, given: [ServiceRegistration], status: @escaping @Sendable () -> [UInt8]
    ) throws(ServerError) -> [ServiceRegistration] {
        do {
            var services = [
                try ServiceRegistration(channel: "system", service: SystemService(status: status))
            ]
            if let root = configuration.services.file.root, !given.contains(where: { $0.channel == "file" }) {
                services.append(
                    try ServiceRegistration(
                        channel: "file",
                        service: FileService(root: root, maximumMessageBytes: configuration.maxMessageBytes)))
            }
            return services + given
        } catch {
            throw .configuration("WebSocketServer.Services.File.Root: \(error)")
        }
    }

    private static func runner(
        _ registration: ServiceRegistration, _ configuration: Configuration, loops: [LoopHandle],
        publisher: EventPublisher, logger: Logger
    ) -> ServiceRunner {
        ServiceRunner(
            registration: registration, capacity: max(1, ServiceQuota.perService * loops.count),
            environment: .init(
                maximumAnswerBytes: ServiceSizes.maximumDataBytes(maximumMessageBytes: configuration.maxMessageBytes),
                 now: { Clock.instant() },
                answer: { loop, answer in _ = loops[loop].post(.answer(answer)) },
                runtime: .init(
                    maximumDataBytes: ServiceSizes.maximumDataBytes(maximumMessageBytes: configuration.maxMessageBytes),
                    publish: { event throws(PublishError) in
                        let request = try publisher.request(
                            channel: event.channel, action: event.action, data: event.data, options: event.options,
                            audience: .subscribers)
                        try publisher.submit(request) { outcome in
                            guard case .refused(let code) = outcome else { return }
                            logger.warning(
                                "a service's event was not published",
                                metadata: ["channel": "\(event.channel)", "error": "\(code.qualifiedName)"])
                        }
                    },
                    warn: { logger.warning("\($0)", metadata: ["channel": "\(registration.channel)"]) })))
    }

    private static func start(_ runner: ServiceRunner) throws(ServerError) {
        do {
            try runner.start()
        } catch {
            throw .service(channel: runner.registration.channel, "\(error)")
        }
    }

    /// The loop that sends a command keeps count of its places, so the service has one; unless it has stopped.
    private static func dispatch(_ request: ServiceRequest, to runner: ServiceRunner, loops: [LoopHandle]) {
        if runner.tryReserve() { return runner.enqueue([request]) }
        let busy = ServiceAnswer(
            slot: request.slot, generation: request.generation, outcome: .failure(.busy, details: ""))
        _ = loops[request.loop].post(.answer(busy))
    }

    private static func checkCertificate(_ tls: TLSFiles, _ logger: Logger) throws(ServerError) -> WallTime {
        do {
            let now = Clock.wallTime()
            let certificate = try SafeFile.read(tls.certificatePath, atMost: Configuration.maxFileByteCount)
            let key = try SafeFile.read(tls.keyPath, atMost: Configuration.maxFileByteCount)
            let pair = try CertificatePair(certificate: certificate.span, privateKey: key.span)
            try pair.check(at: now)
            let days = (pair.notAfter.milliseconds - now.milliseconds) / 86_400_000
            if days < Self.certificateWarningDays {
                logger.warning(
                    "the certificate expires soon", metadata: ["path": "\(tls.certificatePath)", "days": "\(days)"])
            }
            return pair.notAfter
        } catch {
            throw .configuration("WebSocketServer.CertificatePath: \(tls.certificatePath): \(error)")
        }
    }

    private func announce(_ configuration: Configuration) {
        if let port = self.port {
            let scheme = configuration.secureMode == .tls ? "wss" : "ws"
            for interface in self.listensOnIPv6Too ? [configuration.interface, "::"] : [configuration.interface] {
                self.logger.notice(
                    "WebSocket server listening",
                    metadata: ["url": "\(scheme)://\(Self.host(interface)):\(port)\(configuration.path)"])
            }
        }
        if let port = self.httpPort {
            self.logger.notice(
                "HTTP server listening",
                metadata: ["url": "\(configuration.metrics.secureMode == .tls ? "https" : "http")://\(Self.host(configuration.metrics.interface)):\(port)/"])
        }
    }

    /// An address as a URL writes it.
    private static func host(_ interface: String) -> String { interface.contains(":") ? "[\(interface)]" : interface }

    /// Sends something to every loop.
    private func tell(_ mail: Mail) {
        for loop in self.loops { self.desk.post(mail, to: loop) }
    }

    /// Takes over what may change while the server runs.
    func reload(_ configuration: Configuration) throws {
        let keys = try configuration.keyRing()
        if let files = configuration.certificateFiles {
            let end = try Self.checkCertificate(files, self.logger)
            if case .tls(let certificate, let key) = try configuration.httpOptions().secureMode {
                _ = self.http?.replaceCertificate(certificate, key: key)
            }
            if let tls = configuration.tls { for loop in self.loops { _ = loop.replaceCertificates(by: tls) } }
            self.status.certificateEndsAt.store(end.milliseconds, ordering: .relaxed)
        }
        self.tell(.policy(configuration.policy))
        self.tell(.keys(keys))
        self.gate.replace(keys: keys, limits: configuration.policy.limits)
        self.statusTimer.change(to: configuration.statusInterval)
        self.status.isReloadSuccessful.store(true, ordering: .relaxed)
        self.status.reloadedAt.store(Clock.wallTime().milliseconds, ordering: .relaxed)
    }

    /// Closes everything, within `DrainTimeout`; the HTTP side goes last.
    func drain() {
        let deadline = Clock.instant() + self.drainTimeout
        self.tell(.drain(spread: Interval(nanoseconds: self.drainTimeout.nanoseconds / 2)))
        let loopCount = self.loops.count
        let loops = self.drainedLoops
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(Int(self.drainTimeout.nanoseconds))) {
            loops.withLockNotifying { $0.formUnion(0..<loopCount) }
        }
        loops.wait { $0.count == loopCount ? () : nil }
        // What had to be closed by force is gone with the loops.
        for loop in self.loops { loop.stop(deadline: min(deadline, Clock.instant())) }
        for thread in self.threads { thread.join() }
        self.store?.stop()
        self.recording?.stop()
        self.publisher.stop()
        self.desk.stop()
        self.status.isRunning.store(false, ordering: .relaxed)
        self.statusTimer.stop()
        self.stopServices(until: deadline)
        self.http?.stop()
    }

    /// Lets services handle what they have, as long as there is time: a slow one does not hold up the end.
    private func stopServices(until deadline: Instant) {
        let count = self.runners.count
        let stoppedCount = Guarded(0)
        for runner in self.runners {
            DispatchQueue.global().async {
                runner.stop()
                stoppedCount.withLockNotifying { $0 += 1 }
            }
        }
        let left = max(deadline - Clock.instant(), .zero)
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(Int(left.nanoseconds))) {
            stoppedCount.withLockNotifying { $0 = count }
        }
        stoppedCount.wait { $0 >= count ? () : nil }
    }
}
