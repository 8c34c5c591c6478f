import ArgumentParser
import HydrogenConfiguration

/// `hydrogen check FILE`: what a start would say of a configuration, without starting.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tell everything that is wrong with a configuration file.",
        discussion: """
            Looks at the file, at the HYDROGEN_ variables of the environment, and at the files that they name. Prints one line \
            for each fault on standard error and ends with 78, or tells that the file is valid.
            """)

    @Argument(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var file: String

    func run() throws {
        let configuration = try Configuration.loadOrExit(self.file)
        for warning in configuration.warnings { Terminal.tell("warning: \(warning)") }
        print("\(VisibleText.escaped(self.file)): valid")
    }
}
