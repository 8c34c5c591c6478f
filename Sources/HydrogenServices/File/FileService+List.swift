import Foundation

// Looking: `list` and `stat`.
extension FileService {
    static let defaultPageCount = 100
    static let maximumPageCount = 1000

    /// One page of a folder: the names after `after`, by their bytes. It ends where the answer is full; `next` is then
    /// the `after` of the next one.
    func list(_ request: FileRequest.List) throws(FileRefusal) -> [UInt8] {
        let path = try FilePath(request.path ?? "", limits: self.limits)
        let limit = request.limit ?? Self.defaultPageCount
        guard (1...Self.maximumPageCount).contains(limit) else {
            throw FileRefusal(.invalidData, "a limit of \(limit); allowed: 1 to \(Self.maximumPageCount)")
        }
        let folder = try self.tree.openFolder(path.names[...])
        let names = try self.firstNames(limit + 1, in: folder, after: request.after)

        var items: [UInt8] = [UInt8(ascii: "[")]
        // The names of the members around, and the longest `next`.
        let room = self.maximumAnswerBytes - 32 - 2 * FilePath.maximumNameBytes
        var last: String?
        var isCut = names.count > limit
        for name in names.prefix(limit) {
            // One that was deleted since is left out.
            guard let status = try folder.visibleStatus(of: name) else { continue }
            let item = Self.item(name: name, status)
            guard items.count == 1 || items.count + item.count + 1 <= room else {
                isCut = true
                break
            }
            if items.count > 1 { items.append(UInt8(ascii: ",")) }
            items.append(contentsOf: item)
            last = name
        }
        items.append(UInt8(ascii: "]"))

        var answer = JSONObjectWriter()
        answer.add("items", encoded: items)
        // A page whose every name has gone goes on after them all the same.
        if isCut, let next = last ?? names.prefix(limit).last { answer.add("next", next) }
        return answer.finish()
    }

    func stat(_ request: FileRequest.Stat) throws(FileRefusal) -> [UInt8] {
        let path = try FilePath(request.path, limits: self.limits)
        guard let name = path.name else {
            let root = try self.tree.openFolder([])
            do throws(SystemError) {
                return Self.item(name: "", try root.status())
            } catch {
                throw FileRefusal(error, "looking at the root")
            }
        }
        let folder = try self.tree.openFolder(path.parent)
        guard let status = try folder.visibleStatus(of: name) else { throw FileRefusal(.notFound, "no such file") }
        return Self.item(name: name, status)
    }

    /// The first names after `after` that clients can see, sorted. It never holds more than twice as many.
    private func firstNames(
        _ count: Int, in folder: borrowing FileDescriptor, after: String?
    ) throws(FileRefusal) -> [String] {
        var names: [String] = []
        var seenCount = 0
        do throws(SystemError) {
            try folder.forEachEntry { name, kind in
                seenCount += 1
                guard seenCount <= self.limits.maximumFolderEntries else { return false }
                guard kind != .other, FilePath.isName(name) else { return true }
                if let after, !Self.isBefore(after, name) { return true }
                names.append(name)
                if names.count >= 2 * count {
                    names.sort(by: Self.isBefore)
                    names.removeLast(names.count - count)
                }
                return true
            }
        } catch {
            throw FileRefusal(error, "reading a folder")
        }
        guard seenCount <= self.limits.maximumFolderEntries else {
            throw FileRefusal(.failed, "a folder of more than \(self.limits.maximumFolderEntries) entries")
        }
        names.sort(by: Self.isBefore)
        return Array(names.prefix(count))
    }

    /// By bytes: `String` would take different spellings of one character for equal.
    private static func isBefore(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    static func item(name: String, _ status: FileStatus) -> [UInt8] {
        var item = JSONObjectWriter()
        item.add("name", name)
        item.add("kind", status.kind == .folder ? "folder" : "file")
        item.add("size", status.size)
        item.add("modified", Self.timestamp(status))
        return item.finish()
    }

    /// RFC 3339, UTC, in milliseconds, rounded down.
    static func timestamp(_ status: FileStatus) -> String {
        let second = Date(timeIntervalSince1970: Double(status.modifiedSeconds)).formatted(.iso8601).dropLast()
        let milliseconds = String(status.modifiedNanoseconds / 1_000_000)
        return "\(second).\(String(repeating: "0", count: 3 - milliseconds.count))\(milliseconds)Z"
    }
}
