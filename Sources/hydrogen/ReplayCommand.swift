import ArgumentParser

/// `hydrogen replay FILE`: does again what a recording holds.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Do again what a server recorded, and compare everything that comes of it.",
        discussion: """
            FILE is what `hydrogen serve --record` wrote. Its inputs are fed to the same core, and every effect, every \
            written byte and the counters are compared with what was recorded. The first difference is shown, with \
            its place.

            A file that was cut, as by a kill, is replayed as far as it is whole. Ends with 0 without a difference, \
            1 with one or for a damaged file, 2 if a rule of the server's own was broken, 78 for a file that is no \
            recording, or one of another format.
            """)

    @Argument(help: ArgumentHelp("The recording.", valueName: "file"))
    var file: String

    @Option(
        help: ArgumentHelp(
            "Write a line for each step to this file. It will hold what clients sent.", valueName: "out"))
    var trace: String?

    func run() throws {
        try RecordingReplay(path: self.file, trace: self.trace).run()
    }
}
