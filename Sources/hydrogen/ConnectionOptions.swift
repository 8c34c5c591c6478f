import ArgumentParser
import Foundation

/// How the commands that connect to a server say who they are and whom they trust.
struct ConnectionOptions: ParsableArguments {
    @Option(help: "The key to connect with. Others on this machine can see it: --key-file or HYDROGEN_KEY hide it.")
    var key: String?

    @Option(help: ArgumentHelp("A file that holds the key alone.", valueName: "file"))
    var keyFile: String?

    @Option(help: ArgumentHelp("PEM file of the authorities to trust instead of the system's.", valueName: "file"))
    var ca: String?

    func validate() throws {
        if self.key != nil, self.keyFile != nil { throw ValidationError("Give --key or --key-file, not both.") }
    }

    /// The key: of `--key`, of the file, or of `HYDROGEN_KEY`; nil if there is none.
    func token() throws -> String? {
        if let key = self.key { return key }
        guard let path = self.keyFile else { return Terminal.environment["HYDROGEN_KEY"] }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            Terminal.tell("\(path): cannot be read")
            throw ExitCode.failure
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
