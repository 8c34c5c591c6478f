import HydrogenProtocol
import HydrogenShard

/// Lays the scripts of all groups out flat.
struct ScriptCompiler {
    private let channels: [ChannelDefinition]
    private(set) var programs: [ScriptProgram] = []
    private(set) var subscriptions: [CompiledSubscription] = []

    init(_ scenario: Scenario) {
        self.channels = scenario.server.configuration.channels
        for group in scenario.groups {
            let first = self.subscriptions.count
            var program = ScriptProgram()
            self.append(group.script, depth: 0, to: &program)
            program.subscriptions = first..<self.subscriptions.count
            self.programs.append(program)
        }
    }

    private mutating func append(_ steps: [ClientStep], depth: Int, to program: inout ScriptProgram) {
        for step in steps { self.append(step, depth: depth, to: &program) }
    }

    private mutating func append(_ step: ClientStep, depth: Int, to program: inout ScriptProgram) {
        switch step {
        case .wait(let delay):
            program.instructions.append(.wait(delay))
        case .command(let plan):
            program.instructions.append(.command(self.add(plan, to: &program), isAwaited: false))
        case .ask(let plan):
            program.instructions.append(.command(self.add(plan, to: &program), isAwaited: true))
        case .burst(let count, let plan):
            program.instructions.append(.burst(count: count, self.add(plan, to: &program)))
        case .flood(let interval, let duration, let plan):
            let count = duration.nanoseconds / max(interval.nanoseconds, 1)
            program.instructions.append(.flood(every: interval, count: Int(count), self.add(plan, to: &program)))
        case .subscribe(let plan):
            program.watchesEvents = true
            self.subscriptions.append(CompiledSubscription(plan, channelName: self.channels[plan.channel].name))
            program.instructions.append(.subscribe(self.subscriptions.count - 1))
        case .unsubscribe(let channel, let topic):
            program.unsubscriptions.append((channel, topic))
            program.instructions.append(.unsubscribe(program.unsubscriptions.count - 1))
        case .publish(let plan):
            program.watchesEvents = true
            program.publishes.append(plan)
            program.instructions.append(.publish(program.publishes.count - 1))
        case .loop(let count, let steps):
            self.appendLoop(count, steps, depth: depth, to: &program)
        case .choose(let ways):
            self.appendChoice(ways, depth: depth, to: &program)
        case .readAtMost(let rate): program.instructions.append(.act(.readAtMost(rate)))
        case .stopReading: program.instructions.append(.act(.stopReading))
        case .resumeReading: program.instructions.append(.act(.resumeReading))
        case .goSilent: program.instructions.append(.act(.goSilent))
        case .speak: program.instructions.append(.act(.speak))
        case .holdEvents: program.instructions.append(.act(.holdEvents))
        case .handleEvents: program.instructions.append(.act(.handleEvents))
        case .vanish: program.instructions.append(.act(.vanish))
        case .reappear: program.instructions.append(.act(.reappear))
        case .stealSession: program.instructions.append(.act(.stealSession))
        case .close(let code): program.instructions.append(.act(.close(code)))
        case .reset: program.instructions.append(.act(.reset))
        case .hangUp: program.instructions.append(.act(.hangUp))
        case .hostile(let input):
            if input.isForgery { program.forges = true }
            program.instructions.append(.act(.hostile(input)))
        case .message(let text): program.instructions.append(.act(.message(text)))
        case .unsolicitedPong: program.instructions.append(.act(.unsolicitedPong))
        }
    }

    /// A loop that is nested too deep runs once: who reads scenarios refuses it.
    private mutating func appendLoop(
        _ count: Int?, _ steps: [ClientStep], depth: Int, to program: inout ScriptProgram
    ) {
        guard depth < ClientStep.maximumLoopDepth else { return self.append(steps, depth: depth, to: &program) }
        program.instructions.append(.enterLoop(depth: depth, count: count))
        let first = program.instructions.count
        self.append(steps, depth: depth + 1, to: &program)
        program.instructions.append(.repeatLoop(depth: depth, first: first))
    }

    private mutating func appendChoice(
        _ ways: [(weight: Int, steps: [ClientStep])], depth: Int, to program: inout ScriptProgram
    ) {
        let choice = program.choices.count
        program.choices.append([])
        program.instructions.append(.choose(choice))
        var table: [(until: Int, first: Int)] = []
        var jumps: [Int] = []
        var sum = 0
        for way in ways {
            sum += max(way.weight, 0)
            table.append((sum, program.instructions.count))
            self.append(way.steps, depth: depth, to: &program)
            jumps.append(program.instructions.count)
            program.instructions.append(.jump(0))
        }
        for jump in jumps { program.instructions[jump] = .jump(program.instructions.count) }
        program.choices[choice] = table
    }

    private func add(_ plan: CommandPlan, to program: inout ScriptProgram) -> Int {
        let channel = self.channels.first { $0.name == plan.channel }
        let isDeferred = channel?.service != nil && channel?.actions.contains { $0.name == plan.action } ?? false
        program.commands.append(
            CommandTemplate(
                channel: Array(plan.channel.utf8), action: Array(plan.action.utf8), pieces: Self.pieces(plan.data),
                token: plan.token, isDeferred: isDeferred))
        return program.commands.count - 1
    }

    private static func pieces(_ data: String) -> [CommandTemplate.Piece] {
        var pieces: [CommandTemplate.Piece] = []
        var text: [UInt8] = []
        var rest = Array(data.utf8)[...]
        while let byte = rest.popFirst() {
            let isNumber = byte == UInt8(ascii: "$") && (rest.first == UInt8(ascii: "n") || rest.first == UInt8(ascii: "c"))
            guard isNumber, let letter = rest.popFirst() else {
                text.append(byte)
                continue
            }
            pieces.append(.text(text))
            pieces.append(letter == UInt8(ascii: "n") ? .command : .client)
            text = []
        }
        pieces.append(.text(text))
        return pieces
    }
}
