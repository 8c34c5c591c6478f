import ArgumentParser
import Foundation
import HydrogenConfiguration
import HydrogenProtocol
import HydrogenServer

struct Key: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list and revoke the keys that clients connect with.",
        subcommands: [Create.self, List.self, Revoke.self])

    /// Which key file is meant.
    struct Location: ParsableArguments {
        @Option(help: "The key file.")
        var keys: String?

        @Option(help: "The configuration file whose KeysPath is the key file.")
        var config: String?

        func validate() throws {
            guard (self.keys == nil) != (self.config == nil) else {
                throw ValidationError("Give either --keys FILE or --config FILE.")
            }
        }

        /// The path of the key file.
        func path() throws -> String {
            if let keys = self.keys { return keys }
            do {
                let configuration = try Configuration.load(
                    from: self.config ?? "", environment: ProcessInfo.processInfo.environment, checkingFiles: false)
                if let path = configuration.keysPath { return path }
                complain("\(self.config ?? ""): WebSocketServer.KeysPath is not set")
            } catch {
                complain(error.description)
            }
            throw ExitCode.configuration
        }
    }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key.",
            discussion: "Prints the token, and nothing else, on standard output. It is shown this once: the file "
                + "keeps its SHA-256 alone.")

        @Option(help: "Whom the key stands for.")
        var identity: String

        @Option(help: ArgumentHelp("What it opens: channel:action, each side a name or *.", valueName: "pattern"))
        var permit: [String]

        @Option(help: ArgumentHelp("When it ends (RFC 3339, UTC).", valueName: "time"))
        var expires: String?

        @OptionGroup var location: Location

        func validate() throws {
            guard KeyRecord.isIdentity(self.identity) else {
                throw ValidationError("An identity has 1 to 128 bytes without control characters.")
            }
            guard !self.permit.isEmpty else { throw ValidationError("Give at least one --permit.") }
            for pattern in self.permit where PermissionPattern(pattern) == nil {
                throw ValidationError("\(pattern): a pattern is channel:action, each side a name or *.")
            }
            if let expires = self.expires, Timestamp.parse(expires.utf8.span) == nil {
                throw ValidationError("\(expires): a time is written as 2030-01-31T12:00:00Z.")
            }
        }

        func run() throws {
            let now = WallTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
            let end = self.expires.flatMap { Timestamp.parse($0.utf8.span) }
            if let end, end <= now { complain("warning: this key has expired already") }
            let path = try self.location.path()
            try reportingKeyErrors {
                let made = try KeyFile.create(
                    in: path, identity: self.identity, permissions: self.permit, expires: end, at: now)
                complain("\(made.record.id) for \(self.identity) in \(path)")
                print(made.token.text)
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the keys.")

        @OptionGroup var location: Location

        func run() throws {
            let path = try self.location.path()
            try reportingKeyErrors {
                for record in try KeyFile.load(path).records {
                    let end = record.expires.map { "expires \($0.text)" } ?? "no end"
                    let state = record.isRevoked ? "revoked" : end
                    print("\(record.id)  \(record.identity)  \(record.permissions.joined(separator: " "))  \(state)")
                }
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a key, or all keys of an identity.",
            discussion: "A running server takes it over at SIGHUP, and closes the connections of the key with 4401.")

        @Argument(help: "The id of a key, or an identity.")
        var name: String

        @OptionGroup var location: Location

        func run() throws {
            let path = try self.location.path()
            try reportingKeyErrors {
                for record in try KeyFile.revoke(in: path, self.name) {
                    print("\(record.id)  \(record.identity)  revoked")
                }
            }
        }
    }
}

/// Tells what is wrong with a key file, and ends with 78; an unknown key is a failure, 1.
private func reportingKeyErrors(_ body: () throws -> Void) throws {
    do {
        try body()
    } catch let error as KeyFileError {
        complain(error.description)
        if case .unknown = error { throw ExitCode.failure }
        throw ExitCode.configuration
    }
}

extension WallTime {
    /// RFC 3339.
    fileprivate var text: String {
        var out: [UInt8] = []
        var writer = TimestampWriter()
        writer.append(self, to: &out)
        return String(decoding: out, as: UTF8.self)
    }
}
