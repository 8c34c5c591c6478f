import ArgumentParser
import HydrogenConfiguration
import HydrogenProtocol

/// `hydrogen key list`: one line for each key, its fields apart by tabs; never a token, nor the whole of a hash.
struct KeyListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the keys, one line each.",
        discussion:
            "The fields, apart by tabs: id, identity, state, created, expires, permissions, first digits of the hash.")

    @OptionGroup var file: KeyFileOptions

    func run() throws {
        let path = try self.file.path()
        let keys = try withKeyFileFaults { () throws(KeyFileError) in try KeyFile.load(path) }
        let now = Terminal.now
        for record in keys.records {
            let fields = [
                record.id, record.identity, self.state(of: record, at: now), Terminal.text(of: record.created),
                record.expires.map { Terminal.text(of: $0) } ?? "never", record.permissions.joined(separator: " "),
                String(record.digest.hexadecimal.prefix(8)),
            ]
            print(fields.map(VisibleText.escaped).joined(separator: "\t"))
        }
    }

    private func state(of record: KeyRecord, at now: WallTime) -> String {
        if record.isRevoked { return "revoked" }
        guard let expires = record.expires, expires <= now else { return "valid" }
        return "expired"
    }
}
