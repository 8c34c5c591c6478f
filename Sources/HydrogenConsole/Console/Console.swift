import Glibc
import HydrogenClient

/// `hydrogen connect`.
package enum Console {
    package struct Options: Sendable {
        package var timeout: Duration = .seconds(30)
        /// Where lines are kept from time to time; nil: nowhere.
        package var historyPath: String?
        /// Whether a script goes on listening after the end of its input.
        package var listens = false
        package var palette = Palette(hasColours: false)

        package init() {}
    }

    /// Speaks with a server until the input ends, or the server says something final.
    ///
    /// - Parameters:
    ///   - client: In service.
    ///   - tell: Takes a line for standard error.
    /// - Returns: Whether all went well.
    package static func run(
        _ client: HydrogenClient, _ options: Options, tell: @escaping @Sendable (String) -> Void
    ) async -> Bool {
        let session = ConsoleSession(client, timeout: options.timeout)
        guard isatty(STDIN_FILENO) == 1, StandardOutput.isTerminal, let terminal = RawTerminal() else {
            return await PipedConsole(session: session, listens: options.listens, tell: tell).run()
        }
        let text = ConsoleText(palette: options.palette)
        let history = options.historyPath.map { HistoryFile($0) }
        let screen = Screen(prompt: "> ", history: history?.read() ?? LineHistory(), palette: options.palette)
        screen.show(text.remark(".help shows what can be entered"))
        let isRight = await InteractiveConsole(session: session, screen: screen, text: text).run()
        terminal.restore()
        history?.write(screen.history)
        return isRight
    }
}
