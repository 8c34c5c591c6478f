import Foundation
import HydrogenConfiguration
import HydrogenHTTP
import HydrogenMetrics
import HydrogenProtocol
import HydrogenServices
import HydrogenShard
import HydrogenThreads
import HydrogenTransport
import Logging

/// A WebSocket server: its loops, its services' threads, and its HTTP side.
///
/// ```swift
/// let server = HydrogenServer(configuration: try .load(from: "hydrogen.json"))
/// try server.register(channel: "printer-farm", service: FarmService())
/// try server.start()
/// try server.publish(channel: "printer-farm", action: "opened", data: ["door": 3])
/// server.waitUntilStopped()
/// ```
/// Its methods may be called from any thread. It is started once.
public final class HydrogenServer: Sendable {
    struct State: Sendable {
        var phase = Phase.idle
        var configuration: Configuration
        var services: [ServiceRegistration] = []
        var parts: ServerParts?
    }

    enum Phase: Sendable { case idle, starting, running, draining, stopped }

    let state: Guarded<State>
    let logger: Logger
    private let configurationPath: String
    private let recording: RecordingOptions?
    /// The server's own log; nil where it was given a logger.
    private let logOutput: LogOutput?

    /// - Parameters:
    ///   - logger: where the log goes; the server's own text on standard error if nothing is given.
    ///   - recording: where everything that happens to the loops is written down; nil: nowhere.
    public init(configuration: ServerConfiguration, logger: Logger? = nil, recording: RecordingOptions? = nil) {
        self.state = Guarded(State(configuration: configuration.values))
        self.recording = recording
        self.configurationPath = configuration.path
        if let logger {
            self.logger = logger
            self.logOutput = nil
        } else {
            let output = LogOutput(configuration.values.log)
            self.logger = Logger(label: "hydrogen") { _ in LogHandlerOfLines(output: output) }
            self.logOutput = output
        }
    }

    /// Gives a channel a service of yours. Before `start`.
    ///
    /// - Throws: `RegistrationError` for a name that breaks the grammar; `ServerError.alreadyStarted`, `.channelTaken`.
    public func register(channel: String, service: any Service) throws {
        let registration = try ServiceRegistration(channel: channel, service: service)
        try self.state.withLock { state in
            guard case .idle = state.phase else { throw ServerError.alreadyStarted }
            guard channel != "system", !state.services.contains(where: { $0.channel == channel }) else {
                throw ServerError.channelTaken(channel)
            }
            state.services.append(registration)
        }
    }

    /// Listens and serves. Returns when clients can connect.
    public func start() throws(ServerError) {
        let (configuration, services) = try self.state.withLock { state throws(ServerError) in
            guard case .idle = state.phase else { throw .alreadyStarted }
            state.phase = .starting
            return (state.configuration, state.services)
        }
        for warning in configuration.warnings { self.logger.warning("\(warning)") }
        let parts = try ServerParts(
            configuration, services: services, recording: self.recording, logger: self.logger,
            readiness: { self.readiness() })
        self.state.withLockNotifying { state in
            state.parts = parts
            state.phase = .running
        }
    }

    /// Why the server takes no new work; `ready` when it does.
    private func readiness() -> Readiness {
        self.state.withLock { state in
            switch state.phase {
            case .idle, .starting: .notReady(reason: "starting")
            case .running where state.parts?.isStoreFailing == true: .notReady(reason: "the store fails")
            case .running: .ready
            case .draining: .notReady(reason: "draining")
            case .stopped: .notReady(reason: "stopped")
            }
        }
    }

    private var parts: ServerParts? { self.state.withLock { $0.parts } }

    /// Where the WebSocket side listens, or did; nil before the start, or when it is off.
    public var port: Int? { self.parts?.port }
    /// Where the HTTP side listens, or did; nil before the start, or when it is off.
    public var metricsPort: Int? { self.parts?.httpPort }

    /// Publishes an event to the subscribers of its action on a channel. With the durable store, a guaranteed event is
    /// stored when this returns.
    ///
    /// - Parameter data: a value that encodes as a JSON object.
    /// - Returns: the event's id.
    @discardableResult
    public func publish(
        channel: String, action: String, data: some Encodable, options: EventOptions = EventOptions()
    ) throws(PublishError) -> String {
        try self.send(channel: channel, action: action, data: data, options: options, audience: .subscribers)
    }

    /// Sends an event to every session, subscribed or not.
    @discardableResult
    public func broadcast(
        channel: String, action: String, data: some Encodable, options: EventOptions = EventOptions()
    ) throws(PublishError) -> String {
        try self.send(channel: channel, action: action, data: data, options: options, audience: .all)
    }

    private func send(
        channel: String, action: String, data: some Encodable, options: EventOptions, audience: Audience
    ) throws(PublishError) -> String {
        guard let publisher = self.parts?.publisher else { throw .stopped }
        guard ActionName.isValid(action.utf8.span) else { throw .invalidAction }
        let json: [UInt8]
        do {
            json = try Array(JSONEncoder().encode(data))
        } catch {
            throw .invalidData("\(error)")
        }
        guard json.first == UInt8(ascii: "{") else { throw .invalidData("the value does not encode as an object") }
        return try publisher.publish(
            publisher.request(channel: channel, action: action, data: json, options: options, audience: audience))
    }

    /// The connections of all loops; none before the start and once the server has stopped. Waits for each loop's answer.
    public func connections() -> [ConnectionInfo] {
        guard let desk = self.parts?.desk else { return [] }
        return desk.wait { desk.connections(from: APIPlace(), limit: .max, $0) }?.map(ConnectionInfo.init) ?? []
    }

    /// Closes connections with 4403.
    /// - Returns: how many there were; none before the start and once the server has stopped.
    @discardableResult
    public func disconnect(_ target: DisconnectTarget) -> Int {
        guard let desk = self.parts?.desk else { return 0 }
        let counts: [Int]? = desk.wait { desk.askAll({ .disconnect(target.selector, answer: $0) }, $0) }
        return counts?.reduce(0, +) ?? 0
    }

    /// The addresses, and the identities at addresses, that are blocked now; none before the start and once the server has
    /// stopped. Waits for each loop's answer.
    public func blocks() -> [BlockInfo] {
        guard let desk = self.parts?.desk else { return [] }
        let blocks: [[BlockDescription]]? = desk.wait { desk.askAll({ .describeBlocks(answer: $0) }, $0) }
        return blocks?.flatMap(\.self).map(BlockInfo.init) ?? []
    }

    /// Ends the blocks of an address, and of identities there, and forgets the earlier ones: the next is a first one.
    ///
    /// - Parameter address: in digits; any address of an IPv6 /64 stands for all of it.
    /// - Returns: how many there were; nil if the text is no address.
    @discardableResult
    public func unblock(address: String) -> Int? {
        guard let address = NetworkAddress(address) else { return nil }
        guard let desk = self.parts?.desk else { return 0 }
        let peer = PeerAddress(high: address.high, low: address.low, port: 0)
        let counts: [Int]? = desk.wait { desk.askAll({ .liftBlocks(peer, answer: $0) }, $0) }
        return counts?.reduce(0, +) ?? 0
    }

    /// Reads the configuration file and the keys again, and takes over what can change while the server runs. A bad
    /// file is refused whole: the old values stay. Does nothing before the start and once the server has stopped.
    public func reload() {
        let (parts, old) = self.state.withLock { ($0.phase == .stopped ? nil : $0.parts, $0.configuration) }
        guard let parts else { return }
        do {
            let new = try ServerConfiguration.load(from: self.configurationPath).values
            let merged = try old.reloaded(with: new)
            try parts.reload(merged)
            for key in old.reloadDifferences(to: new).notReloadable {
                self.logger.warning("a changed key waits for a restart", metadata: ["key": "\(key)"])
            }
            self.state.withLock { $0.configuration = merged }
            self.logOutput?.level = merged.log.level
            self.logger.info("configuration reloaded")
        } catch {
            parts.status.isReloadSuccessful.store(false, ordering: .relaxed)
            for line in "\(error)".split(separator: "\n") {
                self.logger.error("reload refused", metadata: ["fault": "\(line)"])
            }
        }
    }

    /// Closes every connection with 1001, spread over the first half of `DrainTimeout`, and stops. Returns when the
    /// server has stopped; at once where nothing runs, or another call drains it already: `waitUntilStopped` waits for that.
    /// New connections are answered 503 meanwhile.
    public func drain() {
        let parts = self.state.withLockNotifying { state -> ServerParts? in
            guard case .running = state.phase else { return nil }
            state.phase = .draining
            return state.parts
        }
        guard let parts else { return }
        self.logger.info("draining")
        parts.drain()
        self.state.withLockNotifying { $0.phase = .stopped }
        self.logger.info("stopped")
    }

    /// Returns when the server has stopped.
    public func waitUntilStopped() {
        self.state.wait { state in
            if case .stopped = state.phase { return () }
            return nil
        }
    }
}

/// Why a server does not start.
public enum ServerError: Error, Sendable, CustomStringConvertible {
    case alreadyStarted
    /// The channel has a service, or is the server's own.
    case channelTaken(String)
    /// The system refused something: an address in use, a certificate, a thread …; the text says what.
    case start(String)
    /// A file that the configuration names is at fault.
    case configuration(String)
    /// The service of this channel threw at its start.
    case service(channel: String, String)

    public var description: String {
        switch self {
        case .alreadyStarted: "the server was started before"
        case .channelTaken(let channel): "the channel \"\(channel)\" has a service already"
        case .start(let text), .configuration(let text): text
        case .service(let channel, let text): "the service of channel \"\(channel)\" did not start: \(text)"
        }
    }
}
