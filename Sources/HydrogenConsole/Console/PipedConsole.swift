import HydrogenClient
import HydrogenThreads

/// A console for scripts: a command a line comes in, a JSON object a line goes out. Commands are sent one after the
/// other; what is no answer and no event is told on standard error.
struct PipedConsole {
    let session: ConsoleSession
    /// Go on showing events after the end of the input.
    let listens: Bool
    let tell: @Sendable (String) -> Void

    /// Runs until the input or the server ends it.
    ///
    /// - Returns: Whether every command succeeded, and the client was not ended by the server.
    func run() async -> Bool {
        let (lines, input) = AsyncStream.makeStream(of: String.self)
        let splitter = Guarded(LineSplitter())
        let listens = self.listens
        Keyboard.read { bytes in
            for line in splitter.withLock({ $0.take(bytes) }) { input.yield(line) }
            return true
        } end: {
            if let line = splitter.withLock({ $0.finish() }) { input.yield(line) }
            if !listens { input.finish() }
        }
        Keyboard.onSignal(input.finish)
        let output = Guarded(())
        let (client, tell) = (self.session.client, self.tell)
        let events = Task {
            for await event in client.events() { output.withLock { _ in StandardOutput.write(ConsoleLine.event(event)) } }
        }
        let notices = Task { for await notice in client.notices { tell(ConsoleText.notice(notice)) } }
        let states = Task {
            for await state in client.states {
                if state != .stopped(.closed), let change = ConsoleText.change(state) { tell(change) }
            }
            input.finish()
        }
        let isRight = await self.answer(lines, output)
        var isAskedFor = true
        if case .stopped = client.state { isAskedFor = false }
        // What was published before this answer is here with it.
        _ = try? await client.command("system", "ping", timeout: .seconds(5))
        await client.close()
        for task in [events, notices, states] { await task.value }
        return isRight && isAskedFor
    }

    private func answer(_ lines: AsyncStream<String>, _ output: Guarded<Void>) async -> Bool {
        var number = 0
        var isRight = true
        for await line in lines {
            let command = ConsoleCommand(line)
            if command == .quit { break }
            number += 1
            let id = Array("\"\(number)\"".utf8)
            let answer: String
            switch command {
            case .empty, .quit: continue
            case .help:
                self.tell(ConsoleCommand.helpText)
                continue
            case .invalid(let fault):
                isRight = false
                answer = ConsoleLine.refusal(id: id, fault)
            case .send(let request):
                let result = await self.session.send(request)
                if case .failure = result { isRight = false }
                answer = ConsoleLine.response(to: request, id: request.id ?? id, result)
            }
            output.withLock { _ in StandardOutput.write(answer) }
        }
        return isRight
    }
}
