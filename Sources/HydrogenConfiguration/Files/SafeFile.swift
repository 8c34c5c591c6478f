import Glibc

/// A file that several processes may change, and that is never seen half written.
package enum SafeFile {
    /// The bytes of a plain file.
    package static func read(_ path: String, atMost maxCount: Int) throws(FileError) -> [UInt8] {
        // Without O_NONBLOCK a pipe in the file's place would hold up the start for ever.
        try OpenFile(path, O_RDONLY | O_NONBLOCK).readAll(atMost: maxCount)
    }

    /// Opens a plain file for reading.
    package static func open(_ path: String) throws(FileError) -> OpenFile {
        let file = try OpenFile(path, O_RDONLY | O_NONBLOCK)
        guard try file.status().st_mode & S_IFMT == S_IFREG else {
            throw FileError(operation: .notAFile, path: path, number: 0)
        }
        return file
    }

    /// Who may do what with a file.
    package static func mode(of path: String) throws(FileError) -> mode_t {
        try OpenFile(path, O_RDONLY | O_NONBLOCK).status().st_mode & 0o7777
    }

    /// Makes a file that only its owner can read. A link is never followed.
    ///
    /// - Parameter replacing: whether a file that stands in its place is emptied; else it is left, and this fails.
    package static func create(_ path: String, replacing: Bool = false) throws(FileError) -> OpenFile {
        let file = try OpenFile(
            path, O_WRONLY | O_CREAT | O_NOFOLLOW | (replacing ? O_TRUNC : O_EXCL), mode: 0o600)
        // The mask of the process took bits away.
        guard fchmod(file.descriptor, 0o600) == 0 else {
            throw FileError(operation: .write, path: path, number: errno)
        }
        return file
    }

    /// Replaces a file as a whole: readers see the old bytes or the new ones. The file that a symbolic link leads to is
    /// replaced, not the link. Its owner stays, as far as we may keep it.
    ///
    /// - Parameter mode: The permissions of the new file.
    package static func replace(_ path: String, with bytes: [UInt8], mode: mode_t) throws(FileError) {
        let target = self.target(of: path)
        let folder = FilePath.folder(of: target)
        let temporary = "\(folder)/.\(FilePath.name(of: target)).\(getpid())"
        // Left behind by a process of the same id that was killed here.
        unsafe unlink(temporary)
        do {
            try self.write(bytes, to: temporary, inPlaceOf: target, mode: mode)
        } catch {
            unsafe unlink(temporary)
            throw error
        }
        try OpenFile(folder, O_RDONLY | O_DIRECTORY).synchronize()
    }

    private static func write(
        _ bytes: [UInt8], to temporary: String, inPlaceOf target: String, mode: mode_t
    ) throws(FileError) {
        let file = try OpenFile(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
        // The mask of the process took bits away.
        guard fchmod(file.descriptor, mode) == 0 else {
            throw FileError(operation: .write, path: temporary, number: errno)
        }
        if let old = try? OpenFile(target, O_RDONLY | O_NONBLOCK).status() {
            // Only the super-user can give files away; for all others owner and group are the same already.
            _ = fchown(file.descriptor, old.st_uid, old.st_gid)
        }
        try file.writeAll(bytes)
        guard unsafe rename(temporary, target) == 0 else {
            throw FileError(operation: .rename, path: target, number: errno)
        }
    }

    /// Runs `body` while no other process does so for a file of the same folder: the lock is on the folder, as the file
    /// itself is another one after each change.
    package static func withLock<Result>(
        on path: String, _ body: () throws(KeyFileError) -> Result
    ) throws(KeyFileError) -> Result {
        let folder = FilePath.folder(of: self.target(of: path))
        let lock: OpenFile
        do { lock = try OpenFile(folder, O_RDONLY | O_DIRECTORY) } catch { throw .file(error) }
        while flock(lock.descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw .file(FileError(operation: .lock, path: folder, number: errno)) }
        }
        // Closing the descriptor unlocks it.
        let result = try body()
        _ = consume lock
        return result
    }

    /// Where symbolic links lead; the path itself where there is no file yet.
    private static func target(of path: String) -> String {
        guard let resolved = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }
}
