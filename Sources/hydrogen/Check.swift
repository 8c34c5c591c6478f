import ArgumentParser
import HydrogenServer

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a configuration file without starting.",
        discussion: "Names every fault on standard error and ends with 78, or says that the file is valid.")

    @Argument(help: "The configuration file.")
    var file: String

    func run() throws {
        do {
            let configuration = try ServerConfiguration.load(from: self.file)
            for warning in configuration.warnings { complain("warning: \(warning)") }
            print("\(self.file): valid")
        } catch {
            complain(error.description)
            throw ExitCode.configuration
        }
    }
}
