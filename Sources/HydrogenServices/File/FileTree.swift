/// The root folder, and the way from it to what a path names. It goes folder by folder, each opened in the one before
/// without following a link, so that a link that is put in place while it walks is met, not followed.
struct FileTree: ~Copyable, Sendable {
    private let root: FileDescriptor

    init(root: consuming FileDescriptor) { self.root = root }

    /// Opens the folder that the names lead to.
    ///
    /// - Parameter creating: makes the folders that are missing.
    func openFolder(_ names: ArraySlice<String>, creating: Bool = false) throws(FileRefusal) -> FileDescriptor {
        do throws(SystemError) {
            var folder = try self.root.reopened()
            for name in names {
                if creating { try Self.createFolderIfMissing(name, in: folder) }
                folder = try folder.openFolder(named: name)
            }
            return folder
        } catch {
            throw FileRefusal(error, "opening a folder")
        }
    }

    private static func createFolderIfMissing(_ name: String, in folder: borrowing FileDescriptor) throws(SystemError) {
        do throws(SystemError) {
            _ = try folder.status(of: name)
        } catch {
            guard error.meaning == .notFound else { throw error }
            try folder.createFolder(named: name)
            try folder.synchronize()
        }
    }
}

extension FileDescriptor {
    /// What a client sees under a name: nil if nothing, and nil for a link or a special file, which only `occupancy`
    /// tells.
    func visibleStatus(of name: String) throws(FileRefusal) -> FileStatus? {
        guard let status = try self.occupancy(of: name) else { return nil }
        switch status.kind {
        case .file, .folder: return status
        case .other: return nil
        }
    }

    /// What stands under a name, of whatever kind; nil if it is free.
    func occupancy(of name: String) throws(FileRefusal) -> FileStatus? {
        do throws(SystemError) {
            return try self.status(of: name)
        } catch {
            guard error.meaning == .notFound else { throw FileRefusal(error, "looking at a name") }
            return nil
        }
    }
}
