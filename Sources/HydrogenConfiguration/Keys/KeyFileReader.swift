import HydrogenCrypto
import HydrogenProtocol

/// Reads the text of a key file, strictly: what is not as it must be is a fault, never a key.
struct KeyFileReader {
    private(set) var faults: [ConfigurationFault] = []
    private let bytes: [UInt8]
    private let path: String

    private static let members = ["id", "identity", "permissions", "created", "expires", "revoked", "sha256"]

    init(_ bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    /// The records; of no use where `faults` is not empty.
    mutating func read() -> [KeyRecord] {
        let root: JSONValue
        do {
            root = try JSONScanner.validate(self.bytes.span, maxDepth: 8)
        } catch {
            let place = ValueSource.place(of: error.offset, in: self.bytes)
            self.faults.append(ConfigurationFault(self.path, "\(place): \(error.text)", allowed: "JSON"))
            return []
        }
        guard let members = self.members(of: root, known: ["keys"], "") else { return [] }
        guard let keys = members["keys"], var iterator = keys.elements else {
            self.fault("keys", members["keys"], "must be a list of objects")
            return []
        }
        var records: [KeyRecord] = []
        var ids: Set<String> = []
        var digests: Set<Digest> = []
        var index = 0
        while let value = iterator.next(in: self.bytes.span) {
            guard index < KeyFile.maxRecordCount else {
                self.fault("keys", nil, "has more than \(KeyFile.maxRecordCount) entries")
                break
            }
            if let record = self.record(value, "keys[\(index)]") {
                if !ids.insert(record.id).inserted { self.fault("keys[\(index)].id", value, "is there twice") }
                if !digests.insert(record.digest).inserted {
                    self.fault("keys[\(index)].sha256", value, "is there twice")
                }
                records.append(record)
            }
            index += 1
        }
        return records
    }

    private mutating func record(_ value: JSONValue, _ subject: String) -> KeyRecord? {
        guard let members = self.members(of: value, known: Self.members, "\(subject).") else { return nil }
        let id = self.text(members, "id", subject, "1 to 128 bytes without control characters") {
            EnvelopeID.isValid($0.utf8.span)
        }
        let identity = self.text(
            members, "identity", subject,
            "1 to 128 bytes without control characters, not \"\(KeyRecord.anonymousIdentity)\"", KeyRecord.isIdentity)
        let permissions = self.permissions(members["permissions"], "\(subject).permissions")
        let created = self.time(members["created"], "\(subject).created")
        var expires: WallTime?
        if let value = members["expires"], value.kind != .null {
            expires = self.time(value, "\(subject).expires")
        }
        let isRevoked = members["revoked"]?.bool
        if isRevoked == nil { self.fault("\(subject).revoked", members["revoked"], "must be true or false") }
        let digest = members["sha256"]?.text.flatMap {
            Digest(hexadecimal: self.bytes.span.extracting($0.range.indices))
        }
        // The value is not shown: who can read the log need not see hashes.
        if digest == nil { self.fault("\(subject).sha256", members["sha256"], "must be 64 hexadecimal digits") }
        guard let id, let identity, let permissions, let created, let isRevoked, let digest else { return nil }
        return KeyRecord(
            id: id, identity: identity, permissions: permissions, created: created, expires: expires,
            isRevoked: isRevoked, digest: digest)
    }

    /// The members by name; nil, and faults, for anything but an object of known members, each once.
    private mutating func members(of value: JSONValue, known: [String], _ prefix: String) -> [String: JSONValue]? {
        guard var iterator = value.members else {
            self.fault(prefix.isEmpty ? "" : String(prefix.dropLast()), value, "must be an object")
            return nil
        }
        var members: [String: JSONValue] = [:]
        while let member = iterator.next(in: self.bytes.span) {
            let name = member.name.string(in: self.bytes.span)
            if !known.contains(name) {
                self.fault("\(prefix)\(name)", member.value, Spelling.unknown(name, among: known))
            } else if members.updateValue(member.value, forKey: name) != nil {
                self.fault("\(prefix)\(name)", member.value, "is there twice")
            }
        }
        return members
    }

    private mutating func text(
        _ members: [String: JSONValue], _ name: String, _ subject: String, _ allowed: String,
        _ isRight: (String) -> Bool
    ) -> String? {
        guard let text = members[name]?.text?.string(in: self.bytes.span), isRight(text) else {
            self.fault("\(subject).\(name)", members[name], "must be \(allowed)")
            return nil
        }
        return text
    }

    private mutating func permissions(_ value: JSONValue?, _ subject: String) -> [String]? {
        guard var iterator = value?.elements else {
            self.fault(subject, value, "must be a list of patterns channel:action")
            return nil
        }
        var permissions: [String] = []
        while let element = iterator.next(in: self.bytes.span) {
            guard let text = element.text?.string(in: self.bytes.span), PermissionPattern(text) != nil else {
                self.fault("\(subject)[\(permissions.count)]", element, "must be channel:action, each side a name or *")
                return nil
            }
            permissions.append(text)
            guard permissions.count <= ConfigurationKind.maxListCount else {
                self.fault(subject, value, "has more than \(ConfigurationKind.maxListCount) entries")
                return nil
            }
        }
        return permissions
    }

    private mutating func time(_ value: JSONValue?, _ subject: String) -> WallTime? {
        if let text = value?.text, let time = text.withBytes(in: self.bytes.span, { Timestamp.parse($0) }) {
            return time
        }
        self.fault(subject, value, "must be a time like 2026-01-31T12:00:00Z")
        return nil
    }

    private mutating func fault(_ subject: String, _ value: JSONValue?, _ problem: String) {
        let place = value.map { ValueSource.place(of: Int($0.range.lowerBound), in: self.bytes) }
        let subject = subject.isEmpty ? self.path : "\(self.path): \(subject)"
        self.faults.append(ConfigurationFault(subject, value == nil ? "\(problem), is missing" : problem, at: place))
    }
}
