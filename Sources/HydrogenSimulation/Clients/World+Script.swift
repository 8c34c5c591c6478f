import HydrogenClientCore
import HydrogenProtocol

/// Scripts: from the top whenever a client is served.
extension World {
    /// So many instructions without a wait, and the script pauses: an endless loop must not stop the clock.
    private static let instructionsAtOnce = 2_000
    /// What a command may take, for its client.
    private static let commandTimeout = Interval.seconds(60)

    mutating func startScript(_ client: UInt32) {
        let index = Int(client)
        self.clients[index].isSilent = false
        guard self.phase == .safety else { return }
        self.clients[index].script.next = 0
        self.clients[index].script.awaited = 0
        self.clients[index].script.floodLeft = 0
        self.clients[index].script.isRunning = true
        self.continueScript(client, after: .zero)
    }

    /// Plans the next instruction; whatever was planned before is void.
    mutating func continueScript(_ client: UInt32, after wait: Interval) {
        let index = Int(client)
        self.clients[index].script.run &+= 1
        self.heap.push(
            .clientScript, at: self.after(wait), subject: client, detail: self.clients[index].script.run)
    }

    mutating func clientScript(_ client: UInt32, run: UInt32) {
        let index = Int(client)
        guard self.clients[index].script.isRunning, self.clients[index].script.run == run,
            self.clients[index].isOn, self.phase == .safety
        else { return }
        let program = Int(self.clients[index].group)
        var left = Self.instructionsAtOnce
        while self.clients[index].script.isRunning, self.clients[index].script.run == run {
            let next = self.clients[index].script.next
            guard next < self.programs[program].instructions.count else {
                self.clients[index].script.isRunning = false
                return
            }
            left -= 1
            guard left > 0 else { return self.continueScript(client, after: .milliseconds(1)) }
            self.clients[index].script.next = next + 1
            self.run(self.programs[program].instructions[next], of: program, client)
        }
    }

    private mutating func run(_ instruction: ScriptInstruction, of program: Int, _ client: UInt32) {
        let index = Int(client)
        switch instruction {
        case .wait(let delay):
            self.continueScript(client, after: self.clients[index].choices.interval(delay))
        case .command(let command, let isAwaited):
            self.runCommand(command, isAwaited: isAwaited, of: program, client)
        case .burst(let count, let command):
            guard self.admitsStep(of: client, "burst of \(count)") else { return }
            for _ in 0..<count { _ = self.sendCommand(command, of: program, client) }
        case .flood(let interval, let count, let command):
            self.runFlood(interval, count, command, of: program, client)
        case .subscribe(let plan):
            guard self.admitsStep(of: client, "subscribe") else { return }
            self.subscribe(plan, client)
        case .unsubscribe(let place):
            guard self.admitsStep(of: client, "unsubscribe") else { return }
            self.unsubscribe(self.programs[program].unsubscriptions[place], client)
        case .publish(let place):
            guard self.admitsStep(of: client, "publish") else { return }
            self.publish(self.programs[program].publishes[place], client)
        case .act(let action):
            guard self.admitsStep(of: client, "\(action)") else { return }
            self.act(action, client)
        case .enterLoop(let depth, let count):
            self.clients[index].script.counters[depth] = Int32(clamping: count ?? 0)
        case .repeatLoop(let depth, let first):
            self.repeatLoop(depth, first, client)
        case .choose(let choice):
            self.choose(self.programs[program].choices[choice], client)
        case .jump(let target):
            self.clients[index].script.next = target
        }
    }

    private mutating func repeatLoop(_ depth: Int, _ first: Int, _ client: UInt32) {
        let index = Int(client)
        // 0 stands for ever.
        let left = self.clients[index].script.counters[depth]
        guard left != 1 else { return }
        if left > 1 { self.clients[index].script.counters[depth] = left - 1 }
        self.clients[index].script.next = first
    }

    private mutating func choose(_ ways: [(until: Int, first: Int)], _ client: UInt32) {
        let index = Int(client)
        guard let sum = ways.last?.until, sum > 0 else { return }
        let drawn = self.clients[index].choices.below(sum)
        for way in ways where drawn < way.until {
            self.clients[index].script.next = way.first
            return
        }
    }

    /// Whether the next effective step of a script takes place.
    mutating func admitsStep(of client: UInt32, _ text: @autoclosure () -> String) -> Bool {
        let index = Int(client)
        let number = self.clients[index].stepCount
        self.clients[index].stepCount += 1
        return self.inputs.admits(InputID(.step, of: index, number: number), at: self.clock.now, text())
    }

    private mutating func runCommand(_ command: Int, isAwaited: Bool, of program: Int, _ client: UInt32) {
        let index = Int(client)
        guard self.admitsStep(of: client, "command"), let number = self.sendCommand(command, of: program, client) else {
            // Whoever waits for an answer to what was left out waits for a moment.
            if isAwaited { self.continueScript(client, after: .milliseconds(10)) }
            return
        }
        guard isAwaited, self.clients[index].script.isRunning else { return }
        self.clients[index].script.awaited = number
        // It goes on with the answer, not before.
        self.clients[index].script.run &+= 1
    }

    private mutating func runFlood(
        _ interval: Interval, _ count: Int, _ command: Int, of program: Int, _ client: UInt32
    ) {
        let index = Int(client)
        if self.clients[index].script.floodLeft == 0 {
            guard self.admitsStep(of: client, "flood"), count > 0 else { return }
            self.clients[index].script.floodLeft = count
        }
        _ = self.sendCommand(command, of: program, client)
        self.clients[index].script.floodLeft -= 1
        if self.clients[index].script.floodLeft > 0 { self.clients[index].script.next -= 1 }
        self.continueScript(client, after: interval)
    }

    /// - Returns: the number of the command; nil where the core did not take it, or did not send it.
    private mutating func sendCommand(_ command: Int, of program: Int, _ client: UInt32) -> CommandNumber? {
        let index = Int(client)
        self.clients[index].commandCount += 1
        var data = self.takeScratch()
        defer { self.giveBack(&data) }
        let template = self.programs[program].commands[command]
        template.appendData(command: self.clients[index].commandCount, client: Int64(index), to: &data)
        guard case .session = template.token else {
            self.sendWithoutToken(template, client)
            return nil
        }
        do throws(ClientError) {
            let number = try self.clients[index].core.command(
                channel: template.channel.span, action: template.action.span, data: data.span,
                timeout: Self.commandTimeout, at: self.clock.now)
            self.sent(number, of: client)
            return number
        } catch {
            return nil
        }
    }

    private mutating func subscribe(_ plan: Int, _ client: UInt32) {
        let index = Int(client)
        // It is kept over connections: the script that starts anew asks for it once.
        guard !self.clients[index].subscriptions.contains(where: { $0.plan == plan }) else { return }
        let wanted = self.events.plans[plan]
        do throws(ClientError) {
            let number = try self.clients[index].core.subscribe(
                channel: wanted.channelName.span, data: wanted.data.span, at: self.clock.now)
            self.clients[index].subscriptions.append((plan, number))
            self.performEffects(ofClient: client)
        } catch {
            return  // More than a core keeps.
        }
    }

    private mutating func unsubscribe(_ wanted: (channel: Int, topic: String), _ client: UInt32) {
        let index = Int(client)
        for entry in self.clients[index].subscriptions
        where self.events.plans[entry.plan].channel == wanted.channel
            && self.events.plans[entry.plan].topicText == wanted.topic
        {
            self.clients[index].core.unsubscribe(entry.number, at: self.clock.now)
        }
        self.clients[index].subscriptions.removeAll { entry in
            self.events.plans[entry.plan].channel == wanted.channel
                && self.events.plans[entry.plan].topicText == wanted.topic
        }
        self.performEffects(ofClient: client)
    }

    private mutating func publish(_ plan: PublishPlan, _ client: UInt32) {
        let index = Int(client)
        let kind = self.clients[index].choices.below(plan.kindCount)
        let isShared = self.server.setup.loopCount > 1
        let record = self.events.add(
            Publish(
                publisher: client, channel: plan.channel, action: Array(plan.action.utf8), kind: kind,
                isForAll: plan.isForAll, isGuaranteed: plan.isGuaranteed,
                isDeferred: isShared && (plan.wantsCount || plan.keyCount > 0),
                key: plan.keyCount > 0 ? self.clients[index].choices.below(plan.keyCount) : nil,
                sentAt: self.clock.now.nanoseconds))
        if self.trace.isOn { self.trace.say("client \(client) publishes event \(record) on \(plan.action)") }
        var data = self.takeScratch()
        defer { self.giveBack(&data) }
        plan.appendData(kind: kind, client: index, number: record, to: &data)
        var options = PublishOptions()
        options.isGuaranteed = plan.isGuaranteed
        options.priority = plan.priority ?? .normal
        options.isRetained = plan.isRetained
        options.countsReceivers = plan.wantsCount
        options.reachesAll = plan.isForAll
        options.key = self.events.publishes[record]?.key.map { "k\(index)-\($0)" }
        let channel = self.configuration.channels[plan.channel].name
        do throws(ClientError) {
            let number = try self.clients[index].core.publish(
                channel: channel.utf8.span, action: plan.action.utf8.span, data: data.span, options: options,
                timeout: Self.commandTimeout, at: self.clock.now)
            self.sent(number, of: client)
        } catch {
            return  // More than a core keeps.
        }
    }

    /// The scratch buffer, empty, which is to be given back.
    private mutating func takeScratch() -> [UInt8] {
        var buffer: [UInt8] = []
        swap(&buffer, &self.scratch)
        buffer.removeAll(keepingCapacity: true)
        return buffer
    }

    private mutating func giveBack(_ buffer: inout [UInt8]) { swap(&buffer, &self.scratch) }

    /// A core has taken a command.
    private mutating func sent(_ number: CommandNumber, of client: UInt32) {
        self.clients[Int(client)].pending.append((number, self.clock.now.nanoseconds))
        self.performEffects(ofClient: client)
    }
}
