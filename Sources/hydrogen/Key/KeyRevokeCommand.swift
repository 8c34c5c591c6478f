import ArgumentParser
import HydrogenConfiguration

/// `hydrogen key revoke`: the key is refused from the server's next reload on.
struct KeyRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke the key of an id, or all keys of an identity.",
        discussion: "A running server takes it at SIGHUP, and closes the connections of the key.")

    @Argument(help: ArgumentHelp("The key's id, or the identity.", valueName: "id-or-identity"))
    var name: String

    @OptionGroup var file: KeyFileOptions

    func run() throws {
        let path = try self.file.path()
        let revoked = try withKeyFileFaults { () throws(KeyFileError) in try KeyFile.revoke(in: path, self.name) }
        if revoked.isEmpty { Terminal.tell("revoked already") }
        for record in revoked { Terminal.tell(VisibleText.escaped("revoked \(record.id) of \(record.identity)")) }
    }
}
