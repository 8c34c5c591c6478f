import ArgumentParser

/// `hydrogen replay FILE`: does again what a recording holds.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Do again what a server recorded or a simulation traced, and compare what comes of it.",
        discussion: """
            FILE is what `hydrogen serve --record` or `hydrogen simulate --trace` wrote; its first bytes tell which.

            The inputs of a recording are fed to the same core, and every effect, every written byte and the counters \
            are compared with what was recorded. A trace names its scenario, seed and configuration: the simulation is \
            run again, and every line is compared. The first difference is shown, with its place.

            A file that was cut, as by a kill, is compared as far as it is whole. Ends with 0 without a difference, \
            1 with one or for a damaged file, 2 if a rule of the server's own was broken, 78 for a file that is neither, \
            or one of another format.
            """)

    @Argument(help: ArgumentHelp("The recording, or the trace.", valueName: "file"))
    var file: String

    @Option(
        help: ArgumentHelp(
            "Write a line for each step to this file. Of a recording it will hold what clients sent.",
            valueName: "out"))
    var trace: String?

    func run() throws {
        if TraceRepetition.isTrace(self.file) {
            try TraceRepetition(path: self.file, trace: self.trace).run()
        } else {
            try RecordingReplay(path: self.file, trace: self.trace).run()
        }
    }
}
