import ArgumentParser
import HydrogenConfiguration
import HydrogenProtocol

/// `hydrogen key create`: the token alone on standard output, everything else on standard error.
struct KeyCreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a key and print its token, which nobody can find out again.",
        discussion: "The token goes to standard output, alone; the key file keeps its hash.")

    @Option(help: "Whom the key names: 1 to 128 bytes.")
    var identity: String

    @Option(
        name: .customLong("permit"),
        help: ArgumentHelp(
            "What the key may do: channel:action, each side a name or *. May be given several times.",
            valueName: "pattern"))
    var permissions: [String]

    @Option(help: ArgumentHelp("When the key ends, like 2027-01-31T12:00:00Z.", valueName: "time"))
    var expires: String?

    @OptionGroup var file: KeyFileOptions

    func validate() throws {
        guard KeyRecord.isIdentity(self.identity) else {
            throw ValidationError(
                "--identity needs 1 to 128 bytes without control characters, and not \"\(KeyRecord.anonymousIdentity)\"."
            )
        }
        guard !self.permissions.isEmpty else { throw ValidationError("--permit is needed at least once.") }
        for pattern in self.permissions where PermissionPattern(pattern) == nil {
            throw ValidationError(
                "--permit \(VisibleText.escaped(pattern)) is no channel:action, each side a name or *.")
        }
        if let expires = self.expires, self.time(expires) == nil {
            throw ValidationError("--expires \(VisibleText.escaped(expires)) is no time like 2027-01-31T12:00:00Z.")
        }
    }

    func run() throws {
        let path = try self.file.path()
        let now = Terminal.now
        let expires = self.expires.flatMap { self.time($0) }
        if let expires, expires <= now { Terminal.tell("warning: the key has expired already") }
        let (record, token) = try withKeyFileFaults { () throws(KeyFileError) in
            try KeyFile.create(
                in: path, identity: self.identity, permissions: self.permissions, expires: expires, at: now)
        }
        let end = record.expires.map { ", until \(Terminal.text(of: $0))" } ?? ""
        Terminal.tell(
            VisibleText.escaped(
                "\(record.id) for \(record.identity), may \(record.permissions.joined(separator: " "))\(end), in \(path); "
                    + "its token, shown this once:"))
        print(token.text)
    }

    private func time(_ text: String) -> WallTime? { Timestamp.parse(Array(text.utf8).span) }
}
