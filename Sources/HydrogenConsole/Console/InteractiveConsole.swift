import HydrogenClient

/// A console for a person: keys are edited into lines, and what comes is shown above them.
struct InteractiveConsole {
    let session: ConsoleSession
    let screen: Screen
    let text: ConsoleText

    /// Runs until the person or the server ends it.
    ///
    /// - Returns: Whether the person did.
    func run() async -> Bool {
        let (lines, input) = AsyncStream.makeStream(of: String.self)
        let (screen, client, text) = (self.screen, self.session.client, self.text)
        Keyboard.read({ bytes in screen.take(bytes) { outcome in Self.pass(outcome, to: input) } }, end: input.finish)
        Keyboard.onSignal(input.finish)
        let events = Task { for await event in client.events() { screen.show(text.event(event)) } }
        let notices = Task { for await notice in client.notices { screen.show(text.remark(ConsoleText.notice(notice))) } }
        let states = Task {
            for await state in client.states {
                if let change = ConsoleText.change(state) { screen.show(text.remark(change)) }
            }
            input.finish()
        }
        for await line in lines {
            switch ConsoleCommand(line) {
            case .empty: continue
            case .help: screen.show(ConsoleCommand.helpText)
            case .quit: input.finish()
            case .invalid(let fault): screen.show(text.fault(fault))
            case .send(let request):
                let session = self.session
                Task { screen.show(text.answer(to: request, await session.send(request))) }
            }
        }
        let isAskedFor: Bool
        if case .stopped = client.state { isAskedFor = false } else { isAskedFor = true }
        screen.end()
        // The end that was asked for needs no line.
        if isAskedFor { states.cancel() }
        await client.close()
        for task in [events, notices, states] { await task.value }
        return isAskedFor
    }

    /// False: nothing more is read.
    private static func pass(_ outcome: LineEditor.Outcome, to input: AsyncStream<String>.Continuation) -> Bool {
        switch outcome {
        case .entered(let line):
            input.yield(line)
            return ConsoleCommand(line) != .quit
        case .interrupted(let wasEmpty): return !wasEmpty
        case .ended: return false
        case .edited, .clearScreen: return true
        }
    }
}
