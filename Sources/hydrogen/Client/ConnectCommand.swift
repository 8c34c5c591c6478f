import ArgumentParser
import Foundation
import HydrogenConsole

/// `hydrogen connect`: a console, for a person at a terminal or for a script.
struct ConnectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Speak with a server.",
        discussion: """
            At a terminal: commands are entered as 'channel action {data}', and answers and events are shown as they come. \
            Subscriptions are kept when the connection is lost and comes back.

            From a pipe: one command a line, in this form or as a JSON object with channel, action, data and id; answers \
            and events go out as one JSON object a line, everything else to standard error. Commands are sent one after \
            the other. Ends with the input (--listen: with SIGINT or SIGTERM), with 1 if a command failed.
            """)

    @Argument(help: ArgumentHelp("ws:// or wss:// URL of the server.", valueName: "url"))
    var url: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var signing: SigningOptions

    @Option(help: "Seconds that a command waits for its answer.")
    var timeout = 30.0

    @Flag(help: "Go on showing events after the end of the input.")
    var listen = false

    @Option(help: ArgumentHelp("Where entered lines are kept (~/.hydrogen_history).", valueName: "file"))
    var history: String?

    @Flag(help: "Keep no history.")
    var noHistory = false

    @Flag(help: "No colours; so does NO_COLOR in the environment.")
    var noColor = false

    func validate() throws {
        try ClientConnection.check(url: self.url)
        guard self.timeout > 0, self.timeout <= 86_400 else {
            throw ValidationError("--timeout is above 0, and at most a day.")
        }
    }

    func run() throws {
        EndSignals.block()
        var options = Console.Options()
        options.timeout = .seconds(self.timeout)
        options.listens = self.listen
        options.palette = Palette(hasColours: self.isColourful)
        if !self.noHistory { options.historyPath = self.history ?? NSHomeDirectory() + "/.hydrogen_history" }
        let isRight = try ClientConnection.run(to: self.url, self.connection, self.signing) { [options] client in
            await Console.run(client, options) { Terminal.tell($0) }
        }
        if !isRight { throw ExitCode.failure }
    }

    private var isColourful: Bool {
        let environment = Terminal.environment
        return !self.noColor && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }
}
