import HydrogenProtocol

@testable import HydrogenClientCore

/// A client core with a clock and a scripted server at its other end: each call returns what the client did.
struct TestClient {
    var core: ClientCore
    var now = Instant(nanoseconds: 1_000_000_000)

    /// What the client did, in words that are easy to compare.
    enum Did: Equatable {
        case open
        case send(String)
        case ping
        case close(UInt16)
        case abort
        case state(ClientStateMachine.Kind)
        case session(isResumed: Bool)
        /// An event by its action.
        case event(String, EventReference)
        case gap(Int64, Int64, isAnnounced: Bool)
        case answered(CommandNumber, CommandOutcome)
        case subscription(SubscriptionNumber, CommandOutcome)
    }

    /// Without jitter, and with acknowledgements that go at once.
    static var prompt: ClientConfiguration {
        var configuration = ClientConfiguration()
        configuration.acknowledgeDelay = .zero
        return configuration
    }

    init(_ configuration: ClientConfiguration = prompt, seed: UInt64 = 1) {
        self.core = ClientCore(configuration: configuration, seed: seed)
    }

    mutating func poll(_ bytes: [UInt8] = []) -> [Did] {
        var done: [Did] = []
        while let effect = self.core.nextEffect() {
            switch effect {
            case .openTransport: done.append(.open)
            case .send(let range):
                done.append(.send(self.core.withOutgoing(range) { String(decoding: [UInt8]($0), as: UTF8.self) }))
            case .sendPing: done.append(.ping)
            case .closeTransport(let code): done.append(.close(code.rawValue))
            case .abortTransport: done.append(.abort)
            case .stateChanged(let kind): done.append(.state(kind))
            case .sessionBegan(let isResumed): done.append(.session(isResumed: isResumed))
            case .event(let reference):
                done.append(.event(self.core.message.action?.string(in: bytes.span) ?? "", reference))
            case .gap(let gap): done.append(.gap(gap.from, gap.to, isAnnounced: gap.isAnnounced))
            case .answered(let number, let outcome): done.append(.answered(number, outcome))
            case .subscriptionAnswered(let number, let outcome): done.append(.subscription(number, outcome))
            }
        }
        return done
    }

    @discardableResult
    mutating func perform(_ call: (inout ClientCore, Instant) -> Void) -> [Did] {
        call(&self.core, self.now)
        return self.poll()
    }

    @discardableResult
    mutating func hear(_ message: String) -> [Did] {
        let bytes = Array(message.utf8)
        self.core.received(bytes.span, at: self.now)
        return self.poll(bytes)
    }

    /// Lets time pass up to each deadline on the way, as a driver does.
    @discardableResult
    mutating func pass(_ interval: Interval) -> [Did] {
        let end = self.now + interval
        var done: [Did] = []
        while let deadline = self.core.nextDeadline, deadline <= end {
            self.now = max(self.now, deadline)
            self.core.advance(to: self.now)
            done += self.poll()
        }
        self.now = end
        return done
    }

    mutating func command(
        _ channel: String = "print", _ action: String = "job.start", _ data: String = "{}",
        timeout: Interval = .seconds(10), isRepeatable: Bool = false
    ) throws -> (CommandNumber, [Did]) {
        let number = try self.core.command(
            channel: channel.utf8.span, action: action.utf8.span, data: data.utf8.span, timeout: timeout,
            isRepeatable: isRepeatable, at: self.now)
        return (number, self.poll())
    }

    mutating func publish(_ options: PublishOptions, timeout: Interval = .seconds(10)) throws -> (
        CommandNumber, [Did]
    ) {
        let number = try self.core.publish(
            channel: "print".utf8.span, action: "job.done".utf8.span, data: #"{"id":7}"#.utf8.span, options: options,
            timeout: timeout, at: self.now)
        return (number, self.poll())
    }

    mutating func subscribe(_ topic: String = "job.*", channel: String = "print") throws -> (
        SubscriptionNumber, [Did]
    ) {
        let number = try self.core.subscribe(
            channel: channel.utf8.span, data: #"{"topic":"\#(topic)"}"#.utf8.span, at: self.now)
        return (number, self.poll())
    }

    @discardableResult
    mutating func acknowledge(_ offset: Int64, session: UInt32 = 1) -> [Did] {
        self.perform { core, now in
            core.acknowledge(EventReference(offset: offset, session: session), id: "e\(offset)".utf8.span, at: now)
        }
    }

    /// Into service, with a session that can be resumed.
    static func connected(
        _ configuration: ClientConfiguration = prompt, seed: UInt64 = 1, session: String = "s1", window: Int = 120_000
    ) -> TestClient {
        var client = TestClient(configuration, seed: seed)
        client.perform { $0.start(at: $1) }
        client.perform { $0.transportOpened(at: $1) }
        client.hear(Self.greeting(session, window: window))
        return client
    }

    /// The transport is lost, the back-off passes, and the next connection is up to its greeting.
    mutating func reconnect(code: UInt16? = nil, session: String = "s2") -> [Did] {
        var done = self.perform { $0.transportEnded(code: code, at: $1) }
        done += self.pass(.seconds(1))
        done += self.perform { $0.transportOpened(at: $1) }
        return done + self.hear(Self.greeting(session))
    }

    static func greeting(_ session: String = "s1", window: Int = 120_000, limit: Int = 65_536, version: Int = 1)
        -> String
    {
        #"{"type":"event","id":"e0","timestamp":"2026-01-01T00:00:00Z","channel":"system","action":"session","data":"#
            + #"{"session":"\#(session)","token":"hs_\#(session)","resumed":false,"offset":0,"#
            + #""resume_window_ms":\#(window),"max_message_bytes":\#(limit),"protocol":\#(version)}}"#
    }

    static func ok(_ id: CommandNumber, _ data: String = "{}") -> String {
        #"{"type":"response","id":"\#(id)","channel":"print","action":"x","status":"ok","data":\#(data)}"#
    }

    static func error(
        _ id: CommandNumber?, _ category: String, _ code: String, isRetryable: Bool, retryAfter: Int? = nil
    ) -> String {
        let more = retryAfter.map { #","retry_after_ms":\#($0)"# } ?? ""
        return #"{"type":"response","id":\#(id.map { "\"\($0)\"" } ?? "null"),"channel":"print","action":"x","#
            + #""status":"error","error":{"category":"\#(category)","code":"\#(code)","message":"","#
            + #""retryable":\#(isRetryable)\#(more)}}"#
    }

    static func event(_ offset: Int64? = nil, attempt: Int = 1, action: String = "job.done") -> String {
        let tail = offset.map { #","offset":\#($0),"ack":true"# + (attempt > 1 ? #","attempt":\#(attempt)"# : "") }
        return #"{"type":"event","id":"e\#(offset ?? 0)","timestamp":"2026-01-01T00:00:00Z","channel":"print","#
            + #""action":"\#(action)","data":{}\#(tail ?? "")}"#
    }

    static func gap(_ from: Int64, _ to: Int64) -> String {
        #"{"type":"event","id":"g","timestamp":"2026-01-01T00:00:00Z","channel":"system","action":"gap","#
            + #""data":{"from":\#(from),"to":\#(to)}}"#
    }
}
