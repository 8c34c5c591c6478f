import HydrogenClientCore
import HydrogenProtocol

/// What a server says, one message to a line, to a client that has a subscription and commands under way: it gives an
/// outcome to each command, and comes to an end when it is stopped.
func fuzzClient(_ input: [UInt8]) {
    var reader = InputReader(input)
    var client = FuzzedClient(seed: UInt64(reader.byte()))
    client.start()
    while !reader.isAtEnd { client.take(reader.line()) }
    client.stop()
}

private struct FuzzedClient {
    private var core: ClientCore
    private var now = Instant(nanoseconds: 1)
    private var commands: Set<CommandNumber> = []
    private var transport = Transport.none

    private enum Transport { case none, opening, open }

    init(seed: UInt64) { self.core = ClientCore(seed: seed) }

    mutating func start() {
        self.core.start(at: self.now)
        _ = try? self.core.subscribe(channel: "print".utf8.span, data: #"{"topic":"**"}"#.utf8.span, at: self.now)
        for isRepeatable in [false, true] {
            let number = try? self.core.command(
                channel: "system".utf8.span, action: "ping".utf8.span, data: "{}".utf8.span, timeout: .seconds(5),
                isRepeatable: isRepeatable, at: self.now)
            if let number { self.commands.insert(number) }
        }
        self.perform([])
    }

    /// A line with `!` in front is no message: the transport or the time does something, where it can.
    mutating func take(_ line: [UInt8]) {
        let word = line.first == UInt8(ascii: "!") ? line.dropFirst().first : nil
        switch (word, self.transport) {
        case (UInt8(ascii: "o"), .opening):
            self.transport = .open
            self.core.transportOpened(at: self.now)
        case (UInt8(ascii: "r"), .opening):
            self.transport = .none
            self.core.transportRefused(status: 429, retryAfter: .seconds(1), at: self.now)
        case (UInt8(ascii: "e"), .opening), (UInt8(ascii: "e"), .open):
            let code = line.dropFirst(2).reduce(UInt16(0)) { $0 &* 10 &+ UInt16($1 & 15) }
            self.end(code: code == 0 ? nil : code)
        case (UInt8(ascii: "t"), _):
            self.now = self.now + .seconds(Int64(line.count))
            self.core.advance(to: self.now)
        case (UInt8(ascii: "p"), .open):
            self.core.pongReceived(at: self.now)
        case (nil, .open):
            self.core.received(line.span, at: self.now)
        default: break
        }
        self.perform(line)
        let bound = Int(self.core.configuration.maxUnacknowledged)
        require(self.core.unacknowledgedCount <= bound + 1, "too many events are kept")
    }

    private mutating func end(code: UInt16?) {
        self.transport = .none
        self.core.transportEnded(code: code, at: self.now)
    }

    mutating func stop() {
        self.core.stop(at: self.now)
        self.perform([])
        for _ in 0..<100 where self.core.kind != .stopped {
            self.now = self.now + .seconds(60)
            self.core.advance(to: self.now)
            self.perform([])
            if self.transport != .none { self.end(code: nil) }
            self.perform([])
        }
        require(self.core.kind == .stopped, "a client that was stopped is \(self.core.kind)")
        require(self.commands.isEmpty, "commands without an outcome: \(self.commands.sorted())")
    }

    private mutating func perform(_ bytes: [UInt8]) {
        while let effect = self.core.nextEffect() {
            switch effect {
            case .send(let range):
                let isJSON = self.core.withOutgoing(range) { (try? JSONScanner.validate($0, maxDepth: 64)) != nil }
                require(isJSON, "the client sends what is no JSON")
            case .answered(let number, _):
                require(self.commands.remove(number) != nil, "two outcomes of command \(number)")
            case .event(let reference):
                let id = self.core.message.id?.decoded(in: bytes.span) ?? []
                if reference.offset > 0 { self.core.acknowledge(reference, id: id.span, at: self.now) }
            case .openTransport: self.transport = .opening
            case .closeTransport, .abortTransport, .sendPing, .stateChanged, .sessionBegan, .gap, .subscriptionAnswered:
                break
            }
        }
    }
}
