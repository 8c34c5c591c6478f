import HydrogenCrypto
import HydrogenProtocol

/// The file that `hydrogen key` writes and the server reads: `{"keys": [{"id", "identity", "permissions", "created",
/// "expires", "revoked", "sha256"}, …]}`. It never holds a token.
package struct KeyFile: Sendable, Equatable {
    /// In the order in which they were made.
    package var records: [KeyRecord]

    package static let maxRecordCount = 100_000
    package static let maxByteCount = 64 << 20
    /// Readable for its owner alone.
    package static let mode: UInt32 = 0o600

    package init(records: [KeyRecord] = []) { self.records = records }

    /// Reads a file, and tells everything that is wrong with it at once.
    package static func load(_ path: String) throws(KeyFileError) -> KeyFile {
        let bytes: [UInt8]
        do { bytes = try SafeFile.read(path, atMost: self.maxByteCount) } catch { throw .file(error) }
        return try self.read(bytes, path: path)
    }

    /// The same for a text.
    ///
    /// - Parameter path: What faults call it.
    package static func read(_ bytes: [UInt8], path: String) throws(KeyFileError) -> KeyFile {
        var reader = KeyFileReader(bytes, path: path)
        let records = reader.read()
        guard reader.faults.isEmpty else { throw .invalid(path: path, faults: reader.faults) }
        return KeyFile(records: records)
    }

    /// The same; nil where there is no such file.
    package static func loadIfPresent(_ path: String) throws(KeyFileError) -> KeyFile? {
        do {
            return try self.load(path)
        } catch {
            guard case .file(let fileError) = error, fileError.isAbsent else { throw error }
            return nil
        }
    }

    /// Changes a file, or makes it, while no other process does.
    package static func update<Result>(
        _ path: String, _ body: (inout KeyFile) throws(KeyFileError) -> Result
    ) throws(KeyFileError) -> Result {
        try SafeFile.withLock(on: path) { () throws(KeyFileError) -> Result in
            var file = try self.loadIfPresent(path) ?? KeyFile()
            let result = try body(&file)
            do throws(FileError) {
                try SafeFile.replace(path, with: file.json, mode: self.mode)
            } catch {
                throw .file(error)
            }
            return result
        }
    }

    /// Makes a key and adds it to a file, which is made where there is none.
    ///
    /// - Returns: The record, and the token, which nobody can find out again.
    package static func create(
        in path: String, identity: String, permissions: [String], expires: WallTime?, at now: WallTime
    ) throws(KeyFileError) -> (record: KeyRecord, token: KeyToken) {
        try self.update(path) { file throws(KeyFileError) in
            try file.add(identity: identity, permissions: permissions, expires: expires, at: now, path: path)
        }
    }

    /// Revokes the key of that id, or all keys of that identity.
    ///
    /// - Returns: The records that were valid before.
    package static func revoke(in path: String, _ name: String) throws(KeyFileError) -> [KeyRecord] {
        try self.update(path) { file throws(KeyFileError) in
            let hasID = file.records.contains { $0.id == name }
            let meant = file.records.indices.filter {
                hasID ? file.records[$0].id == name : file.records[$0].identity == name
            }
            guard !meant.isEmpty else { throw .unknown(name) }
            var revoked: [KeyRecord] = []
            for index in meant where !file.records[index].isRevoked {
                file.records[index].isRevoked = true
                revoked.append(file.records[index])
            }
            return revoked
        }
    }

    private mutating func add(
        identity: String, permissions: [String], expires: WallTime?, at now: WallTime, path: String
    ) throws(KeyFileError) -> (record: KeyRecord, token: KeyToken) {
        guard self.records.count < Self.maxRecordCount else { throw .full(path: path, limit: Self.maxRecordCount) }
        do {
            let token = try KeyToken()
            let record = KeyRecord(
                id: try Self.newID(), identity: identity, permissions: permissions, created: now, expires: expires,
                isRevoked: false, digest: token.digest)
            self.records.append(record)
            return (record, token)
        } catch {
            throw .noRandomness
        }
    }

    /// `key_` and 10 random bytes in base64url: too many to meet one that is there.
    private static func newID() throws(RandomnessUnavailable) -> String {
        var octets: [UInt8] = []
        try RandomBytes.append(10, to: &octets)
        var text = Array("key_".utf8)
        Base64URL.append(octets.span, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The text of the file.
    var json: [UInt8] {
        var out: [UInt8] = []
        var timestamps = TimestampWriter()
        out.append("{\n  \"keys\": [")
        for (index, record) in self.records.enumerated() {
            out.append(index == 0 ? "\n    {\n" : ",\n    {\n")
            out.append("      \"id\": ")
            out.append(jsonString: record.id)
            out.append(",\n      \"identity\": ")
            out.append(jsonString: record.identity)
            out.append(",\n      \"permissions\": [")
            for (index, permission) in record.permissions.enumerated() {
                if index > 0 { out.append(", ") }
                out.append(jsonString: permission)
            }
            out.append("],\n      \"created\": \"")
            timestamps.append(record.created, to: &out)
            out.append("\",\n      \"expires\": ")
            if let expires = record.expires {
                out.append("\"")
                timestamps.append(expires, to: &out)
                out.append("\"")
            } else {
                out.append("null")
            }
            out.append(record.isRevoked ? ",\n      \"revoked\": true" : ",\n      \"revoked\": false")
            out.append(",\n      \"sha256\": \"")
            record.digest.appendHexadecimal(to: &out)
            out.append("\"\n    }")
        }
        out.append(self.records.isEmpty ? "]\n}\n" : "\n  ]\n}\n")
        return out
    }
}
