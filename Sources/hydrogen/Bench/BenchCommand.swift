import ArgumentParser
import Foundation
import HydrogenBench

/// `hydrogen bench`: puts load on a WebSocket server, and tells what it took.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Put load on a WebSocket server, and measure it.",
        discussion: """
            Modes: 'command' sends messages that are answered; 'fanout' publishes to all connections; 'idle' opens connections \
            and holds them; 'churn' opens and closes them.

            Hydrogen's protocol is spoken unless --protocol names another one: then messages go as they are, and one message is \
            expected back for each ('command'), or each message of the first connection at every other one ('fanout').

            Ends with 1 if a connection failed or an answer was not what it should be.
            """)

    @Argument(help: ArgumentHelp("ws:// or wss:// URL of the server.", valueName: "url"))
    var url: String

    @Option(help: "command, fanout, idle or churn.")
    var mode = BenchPlan.Mode.command

    @Option(help: "Connections; of fanout those that receive.")
    var connections = 100

    @Option(help: "Messages of each connection, or events of fanout, under way at a time (closed loop).")
    var depth = 1

    @Option(help: "Messages a second, sent whether answers come or not (open loop).")
    var rate: Double?

    @Option(help: "Seconds to measure.")
    var duration: Double?

    @Option(help: "Measure so many answers, deliveries or connections instead.")
    var messages: Int?

    @Option(help: "Seconds before measuring begins.")
    var warmUp = 1.0

    @Option(help: "Bytes of a message.")
    var size = 228

    @Option(help: "The data of a command or event (a JSON object), or with another protocol the message; @FILE reads a file.")
    var payload: String?

    @Option(help: "Where commands go or events are published (system, print).")
    var channel: String?

    @Option(help: "The action of commands or events (ping, bench.event).")
    var action: String?

    @Option(help: "The sub-protocol to offer; 'none' offers none.")
    var `protocol` = "hydrogen-protocol"

    @Option(help: "A further header of the handshake, 'Name: value'; may be repeated.")
    var header: [String] = []

    @Option(help: ArgumentHelp("Where fanout's publisher connects, if elsewhere.", valueName: "url"))
    var publishURL: String?

    @Option(help: "Subscriptions of fanout's publisher to topics that it does not publish.")
    var otherTopics = 0

    @Option(help: "Subscriptions of fanout's publisher with filters that never match.")
    var otherFilters = 0

    @Option(help: "Threads that share the connections.")
    var threads = 1

    @Option(help: "Tell the CPU time of this process too: a server on this machine.")
    var serverPid: Int32?

    @Flag(help: "Print one JSON object instead of a table.")
    var json = false

    @Flag(help: "Show no progress.")
    var quiet = false

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        func check(_ isRight: Bool, _ text: String) throws {
            if !isRight { throw ValidationError(text) }
        }
        try check((1...1_000_000).contains(self.connections), "--connections is 1 to 1000000.")
        try check((1...1024).contains(self.depth), "--depth is 1 to 1024.")
        try check(self.rate.map { $0 > 0 && $0 <= 1e9 } ?? true, "--rate is above 0.")
        try check(self.duration == nil || self.messages == nil, "Give --duration or --messages, not both.")
        try check(self.duration.map { $0 > 0 && $0 <= 86_400 } ?? true, "--duration is above 0, and at most a day.")
        try check(self.messages.map { $0 > 0 } ?? true, "--messages is at least 1.")
        try check((0...100_000).contains(self.otherTopics), "--other-topics is 0 to 100000.")
        try check((0...100_000).contains(self.otherFilters), "--other-filters is 0 to 100000.")
        try check((0...3600).contains(self.warmUp), "--warm-up is 0 to 3600.")
        try check((1...16_777_216).contains(self.size), "--size is 1 to 16777216.")
        try check((1...256).contains(self.threads) && self.threads <= self.connections, "--threads is 1 to 256, and at most --connections.")
        for header in self.header { try check(header.contains(":"), "--header is 'Name: value'.") }
        if self.mode == .idle || self.mode == .churn {
            try check(self.rate == nil, "--rate is for command and fanout.")
        }
    }

    func run() throws {
        DescriptorLimit.raise()
        let plan = try self.plan()
        let showsProgress = !self.quiet && Terminal.isWatched
        let report: BenchReport
        do {
            report = try BenchRun.run(plan, threadCount: self.threads) { progress in
                guard showsProgress else { return }
                let rate = Int(progress.workPerSecond.rounded())
                Terminal.showProgress("\(progress.openCount) open, \(progress.workCount) done, \(rate)/s")
            }
        } catch {
            if showsProgress { Terminal.showProgress("") }
            Terminal.tell("\(error)")
            throw ExitCode.failure
        }
        if showsProgress { Terminal.showProgress("") }
        print(self.json ? report.json : report.table, terminator: self.json ? "\n" : "")
        if report.errorCount > 0 { throw ExitCode.failure }
    }

    private func plan() throws -> BenchPlan {
        var plan: BenchPlan
        do {
            plan = BenchPlan(mode: self.mode, target: try BenchTarget(self.url))
            plan.publishTarget = try self.publishURL.map { try BenchTarget($0) }
        } catch {
            Terminal.tell("\(error)")
            if case .url = error as? BenchError { throw ExitCode.validationFailure }
            throw ExitCode.failure
        }
        plan.subprotocol = self.protocol == "none" ? nil : self.protocol
        plan.headers = self.header.map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
        }
        plan.key = try self.connection.token()
        plan.authorityPath = self.connection.ca
        plan.connectionCount = self.connections
        plan.depth = self.depth
        plan.rate = self.rate
        plan.end = self.messages.map { .messages($0) } ?? .after(seconds: self.duration ?? 10)
        plan.warmUp = self.warmUp
        plan.messageByteCount = self.size
        plan.payload = try self.payload.map { try Self.bytes(of: $0) }
        plan.channel = self.channel
        plan.action = self.action
        plan.otherTopicCount = self.otherTopics
        plan.otherFilterCount = self.otherFilters
        plan.serverProcess = self.serverPid
        return plan
    }

    private static func bytes(of payload: String) throws -> [UInt8] {
        guard payload.hasPrefix("@") else { return Array(payload.utf8) }
        do {
            return Array(try Data(contentsOf: URL(fileURLWithPath: String(payload.dropFirst()))))
        } catch {
            Terminal.tell("\(payload.dropFirst()): cannot be read")
            throw ExitCode.failure
        }
    }
}

extension BenchPlan.Mode: ExpressibleByArgument {}
