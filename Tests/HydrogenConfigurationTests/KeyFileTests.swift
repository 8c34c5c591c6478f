import Glibc
import HydrogenConfiguration
import HydrogenCrypto
import HydrogenProtocol
import Testing

@Suite struct KeyFileTests {
    static let now = WallTime(milliseconds: 1_764_000_000_123)

    @Test func aKeyIsMadeAndFound() throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/keys.json"
        let (record, token) = try KeyFile.create(
            in: path, identity: "fleet \"7\"", permissions: ["print:*", "*:subscribe"],
            expires: WallTime(milliseconds: 1_900_000_000_000), at: Self.now)
        #expect(token.text.hasPrefix("hk_"))
        #expect(token.text.utf8.count == 3 + 43)
        #expect(record.digest.hexadecimal == SHA256.hash(Array(token.text.utf8).span).hexadecimal)
        let file = try KeyFile.load(path)
        #expect(file.records == [record])
        #expect(file.records.first?.created == Self.now)
        #expect(try !folder.text(of: "keys.json").contains(token.text.dropFirst(3)))
        let second = try KeyFile.create(in: path, identity: "b", permissions: [], expires: nil, at: Self.now)
        #expect(try KeyFile.load(path).records == [record, second.record])
        #expect(second.token.text != token.text)
        #expect(second.record.id != record.id)
    }

    @Test func onlyItsOwnerReadsIt() throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/keys.json"
        let mask = umask(0)
        defer { umask(mask) }
        _ = try KeyFile.create(in: path, identity: "a", permissions: [], expires: nil, at: Self.now)
        chmod(path, 0o644)
        _ = try KeyFile.create(in: path, identity: "b", permissions: [], expires: nil, at: Self.now)
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o600)
        #expect(folder.names == ["keys.json"])
    }

    /// Another file takes its place, so that a reader that has the old one open reads it to its end.
    @Test func replacedAsAWhole() throws {
        let folder = TemporaryFolder()
        let path = try folder.write("old", to: "file")
        var before = stat()
        var after = stat()
        stat(path, &before)
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        try SafeFile.replace(path, with: Array("new and longer".utf8), mode: 0o600)
        stat(path, &after)
        #expect(before.st_ino != after.st_ino)
        var buffer = [UInt8](repeating: 0, count: 16)
        #expect(read(descriptor, &buffer, 16) == 3)
        #expect(try folder.text(of: "file") == "new and longer")
    }

    @Test func aLinkStaysALink() throws {
        let folder = TemporaryFolder()
        let path = try folder.write("{\"keys\": []}", to: "real")
        let link = "\(folder.path)/link"
        #expect(symlink(path, link) == 0)
        _ = try KeyFile.create(in: link, identity: "a", permissions: [], expires: nil, at: Self.now)
        #expect(try KeyFile.load(path).records.count == 1)
        var status = stat()
        lstat(link, &status)
        #expect(status.st_mode & S_IFMT == S_IFLNK)
    }

    /// Writers wait for each other: none of their keys is lost.
    @Test func manyWriters() async throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/keys.json"
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<20 {
                group.addTask {
                    _ = try KeyFile.create(
                        in: path, identity: "writer-\(index)", permissions: [], expires: nil, at: Self.now)
                }
            }
            try await group.waitForAll()
        }
        #expect(Set(try KeyFile.load(path).records.map(\.identity)).count == 20)
        #expect(folder.names == ["keys.json"])
    }

    /// While one changes the file, nobody else gets the lock; afterwards anybody does.
    @Test func lockedWhileItChanges() throws {
        let folder = TemporaryFolder()
        let other = open(folder.path, O_RDONLY | O_DIRECTORY)
        defer { close(other) }
        let isLocked = try KeyFile.update("\(folder.path)/keys.json") { _ in
            flock(other, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
        }
        #expect(isLocked)
        #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
    }

    @Test func revoking() throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/keys.json"
        let first = try KeyFile.create(in: path, identity: "a", permissions: [], expires: nil, at: Self.now).record
        let second = try KeyFile.create(in: path, identity: "a", permissions: [], expires: nil, at: Self.now).record
        _ = try KeyFile.create(in: path, identity: "b", permissions: [], expires: nil, at: Self.now)
        #expect(try KeyFile.revoke(in: path, first.id).map(\.id) == [first.id])
        #expect(try KeyFile.load(path).records.map(\.isRevoked) == [true, false, false])
        #expect(try KeyFile.revoke(in: path, "a").map(\.id) == [second.id])
        #expect(try KeyFile.revoke(in: path, "a").isEmpty)
        #expect(try KeyFile.load(path).records.map(\.isRevoked) == [true, true, false])
        #expect(throws: KeyFileError.unknown("c")) { try KeyFile.revoke(in: path, "c") }
    }

    static let good =
        "\"id\": \"i\", \"identity\": \"a\", \"permissions\": [\"*:*\"], \"created\": \"2026-01-01T00:00:00Z\", "
        + "\"expires\": null, \"revoked\": false, \"sha256\": \"\(String(repeating: "0", count: 64))\""

    @Test func theSmallestFile() throws {
        let folder = TemporaryFolder()
        #expect(try KeyFile.load(try folder.write("{\"keys\": []}", to: "keys.json")).records.isEmpty)
        let one = try KeyFile.load(try folder.write("{\"keys\": [{\(Self.good)}]}", to: "keys.json"))
        #expect(one.records.map(\.id) == ["i"])
        let noExpiry = Self.good.split(separator: ", ").filter { !$0.contains("expires") }.joined(separator: ", ")
        #expect(try KeyFile.load(try folder.write("{\"keys\": [{\(noExpiry)}]}", to: "keys.json")).records.count == 1)
    }

    @Test(arguments: [
        ("\"i\"", "5", "keys[0].id: must be"), ("\"i\"", "\"\"", "keys[0].id: must be"),
        ("\"a\"", "\"anonymous\"", "keys[0].identity: must be"), ("\"a\"", "\"\\n\"", "keys[0].identity: must be"),
        ("[\"*:*\"]", "\"*:*\"", "keys[0].permissions: must be a list"),
        ("[\"*:*\"]", "[\"*:*\", \"*\"]", "keys[0].permissions[1]: must be channel:action"),
        ("2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "keys[0].created: must be a time"),
        ("null", "7", "keys[0].expires: must be a time"), ("null", "\"tomorrow\"", "keys[0].expires: must be a time"),
        ("false", "0", "keys[0].revoked: must be true or false"),
        ("\"000", "\"g00", "keys[0].sha256: must be 64 hexadecimal digits"),
        ("\"000", "\"00", "keys[0].sha256: must be 64 hexadecimal digits"),
        ("\"revoked\"", "\"Revoked\"", "keys[0].Revoked: unknown key, did you mean revoked?"),
        ("\"expires\"", "\"id\"", "keys[0].id: is there twice"),
        ("{\"keys\"", "{\"key\"", "key: unknown key"), ("[{", "[5, {", "keys[0]: must be an object"),
        ("{\"keys\": [{", "[{", "must be an object"), ("}]}", "}]", "line 1, column"),
    ]) func faults(_ part: String, _ replacement: String, _ fault: String) throws {
        let folder = TemporaryFolder()
        let text = "{\"keys\": [{\(Self.good)}]}"
        let position = try #require(text.range(of: part))
        var changed = text.replacingCharacters(in: position, with: replacement)
        if replacement == "[{" { changed = String(changed.dropLast()) }
        let path = try folder.write(changed, to: "keys.json")
        let error = #expect(throws: KeyFileError.self) { try KeyFile.load(path) }
        #expect(error?.lines.contains { $0.hasPrefix("\(path): \(fault)") } == true, "\(error?.lines ?? [])")
        #expect(error?.description.contains("000000000000") == false)
    }

    @Test func everyMemberIsNeeded() throws {
        let folder = TemporaryFolder()
        for part in Self.good.split(separator: ", ") where !part.contains("expires") {
            let rest = Self.good.split(separator: ", ").filter { $0 != part }.joined(separator: ", ")
            let path = try folder.write("{\"keys\": [{\(rest)}]}", to: "keys.json")
            let error = #expect(throws: KeyFileError.self) { try KeyFile.load(path) }
            #expect(error?.lines.count == 1)
            #expect(error?.lines.first?.hasSuffix(", is missing") == true)
        }
    }

    @Test func repeatedIdsAndHashes() throws {
        let folder = TemporaryFolder()
        let path = try folder.write("{\"keys\": [{\(Self.good)}, {\(Self.good)}]}", to: "keys.json")
        let error = #expect(throws: KeyFileError.self) { try KeyFile.load(path) }
        #expect(error?.lines.map { $0.split(separator: " ")[1] } == ["keys[1].id:", "keys[1].sha256:"])
    }

    /// A file with faults is not written over.
    @Test func faultsStopChanges() throws {
        let folder = TemporaryFolder()
        let path = try folder.write("{\"keys\": [5]}", to: "keys.json")
        #expect(throws: KeyFileError.self) {
            try KeyFile.create(in: path, identity: "a", permissions: [], expires: nil, at: Self.now)
        }
        #expect(try folder.text(of: "keys.json") == "{\"keys\": [5]}")
        #expect(throws: KeyFileError.self) {
            try KeyFile.create(
                in: "\(folder.path)/none/keys.json", identity: "a", permissions: [], expires: nil, at: Self.now)
        }
    }
}

extension String {
    /// The first place of a part.
    fileprivate func range(of part: String) -> Range<String.Index>? {
        indices.first { self[$0...].hasPrefix(part) }.map { $0..<index($0, offsetBy: part.count) }
    }

    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
