import ArgumentParser
import HydrogenConfiguration

/// `hydrogen key`: who may connect.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make, list and revoke keys.",
        discussion: "A running server takes a changed key file at SIGHUP.",
        subcommands: [KeyCreateCommand.self, KeyListCommand.self, KeyRevokeCommand.self])
}

/// Which key file is meant.
struct KeyFileOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration whose KeysPath is meant.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The key file itself.", valueName: "file"))
    var keys: String?

    func validate() throws {
        if self.config != nil, self.keys != nil { throw ValidationError("Give --config or --keys, not both.") }
    }

    /// The path of the key file: of `--keys`, or of the configuration, by default the one for production. That files which
    /// the configuration names are missing does not matter here: this may be the command that makes one.
    func path() throws -> String {
        if let keys = self.keys { return keys }
        let file = self.config ?? Configuration.standardPath
        let configuration = try Configuration.loadOrExit(file, checkingFiles: false)
        guard let path = configuration.keysPath else {
            Terminal.tell("\(VisibleText.escaped(file)): WebSocketServer.KeysPath: is absent, so there is no key file")
            throw ExitCode.badConfiguration
        }
        return path
    }
}

/// Runs what reads or changes a key file, and tells why it cannot.
func withKeyFileFaults<Result>(_ body: () throws(KeyFileError) -> Result) throws -> Result {
    do {
        return try body()
    } catch {
        for line in error.lines { Terminal.tell(line) }
        switch error {
        case .invalid: throw ExitCode.badConfiguration
        case .file(let fileError): throw fileError.isAbsent ? ExitCode.badConfiguration : ExitCode.failure
        case .noRandomness, .full, .unknown: throw ExitCode.failure
        }
    }
}
