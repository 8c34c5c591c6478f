import HydrogenClient

/// What a person reads.
struct ConsoleText: Sendable {
    let palette: Palette

    private var printer: JSONPrinter { JSONPrinter(palette: self.palette, width: RawTerminal.columns - 1) }

    func event(_ event: HydrogenClient.Event) -> String {
        var facts = String(event.timestamp.dropFirst(11).dropLast())
        if event.priority != .normal { facts += " \(event.priority.rawValue)" }
        if event.isRetained { facts += " retained" }
        if let offset = event.offset { facts += " #\(offset)" }
        if event.attempt > 1 { facts += " attempt \(event.attempt)" }
        let head = Self.harmless("\(event.channel) \(event.action)")
        return self.palette.paint(head, .event) + " " + self.palette.paint(Self.harmless(facts), .dim) + "\n  "
            + self.printer.text(of: event.data, indent: 2)
    }

    func answer(to request: ConsoleCommand.Request, _ answer: ConsoleSession.Answer) -> String {
        let name = self.palette.paint("\(request.channel) \(request.action)", .dim)
        switch answer {
        case .success(let response):
            return self.palette.paint("ok", .good) + " " + name + "\n  " + self.printer.text(of: response.data, indent: 2)
        case .failure(let failure):
            return self.palette.paint("error", .bad) + " " + name + " " + Self.harmless(failure.description)
        }
    }

    func fault(_ text: String) -> String { self.palette.paint("error", .bad) + " " + text }

    func remark(_ text: String) -> String { self.palette.paint(Self.harmless(text), .dim) }

    /// nil for a change that is not worth a line.
    static func change(_ state: HydrogenClient.State) -> String? {
        switch state {
        case .connecting: nil
        case .connected(let session): "connected, session \(session)"
        case .waiting(let reason, let delay):
            "\(reason.failure.description); next attempt in \(delay / .milliseconds(1)) ms"
        case .stopped(let reason): reason.failure.description
        }
    }

    static func notice(_ notice: HydrogenClient.Notice) -> String {
        switch notice {
        case .newSession: "a new session: what was not acknowledged in the one before is lost"
        case .gap(let range): "events \(range.lowerBound) to \(range.upperBound) are lost"
        case .subscriptionLost(let channel, let failure): "a subscription of \(channel) has ended: \(failure)"
        }
    }

    private static func harmless(_ text: String) -> String { JSONPrinter.harmless(Array(text.utf8)[...]) }
}
