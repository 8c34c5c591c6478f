import Glibc

/// A call of the system that failed.
struct SystemError: Error, CustomStringConvertible {
    /// The call's `errno`.
    let number: CInt

    /// Of the call that failed on this thread just now.
    static var last: SystemError { SystemError(number: errno) }

    var description: String {
        guard let text = unsafe strerror(self.number) else { return "errno \(self.number)" }
        return unsafe String(cString: text)
    }

    /// What it says about a name that a client gave. A symbolic link or a special file on the way is not there for
    /// clients.
    var meaning: ServiceErrorCode {
        switch self.number {
        case ENOENT, ENOTDIR, ELOOP, ENXIO, ENODEV: .notFound
        case EEXIST, ENOTEMPTY, EISDIR: .conflict
        case ENAMETOOLONG, EINVAL: .invalidData
        default: .failed
        }
    }
}

/// What stands under a name. Clients see files and folders only.
enum FileKind: Sendable {
    case file, folder
    /// A symbolic link, a pipe, a device, a socket.
    case other
}

/// What the system knows of a file.
struct FileStatus: Sendable {
    var kind: FileKind
    /// In bytes; 0 of a folder.
    var size: Int
    var modifiedSeconds: Int
    var modifiedNanoseconds: Int
    /// The nine permission bits.
    var permissions: mode_t

    fileprivate init(_ status: stat) {
        let kind: FileKind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            default: .other
            }
        self.kind = kind
        self.size = kind == .file ? Int(status.st_size) : 0
        self.modifiedSeconds = status.st_mtim.tv_sec
        self.modifiedNanoseconds = status.st_mtim.tv_nsec
        self.permissions = status.st_mode & 0o777
    }
}

/// An open file or folder. Every name given to it is one segment, which it takes as it stands in this very folder: no
/// call here follows a symbolic link or leaves the folder, whatever others do to the tree meanwhile.
struct FileDescriptor: ~Copyable, Sendable {
    private let number: CInt

    private init(number: CInt) throws(SystemError) {
        guard number >= 0 else { throw .last }
        self.number = number
    }

    deinit { close(self.number) }

    /// Opens a folder by the path that an operator configured, in which links are followed.
    static func openFolder(path: String) throws(SystemError) -> FileDescriptor {
        try FileDescriptor(number: unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    }

    /// Opens a folder in this folder.
    func openFolder(named name: String) throws(SystemError) -> FileDescriptor {
        try FileDescriptor(number: unsafe openat(self.number, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
    }

    /// The same folder again, with a position of its own.
    func reopened() throws(SystemError) -> FileDescriptor { try self.openFolder(named: ".") }

    /// Opens whatever there is for reading. It does not wait for the other end of a pipe: look at `status` first.
    func openForReading(named name: String) throws(SystemError) -> FileDescriptor {
        try FileDescriptor(number: unsafe openat(self.number, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC))
    }

    func openForWriting(named name: String) throws(SystemError) -> FileDescriptor {
        try FileDescriptor(number: unsafe openat(self.number, name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC))
    }

    /// Makes a file that is not there yet, open for writing.
    func createFile(named name: String) throws(SystemError) -> FileDescriptor {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        return try FileDescriptor(number: unsafe openat(self.number, name, flags, 0o666))
    }

    func createFolder(named name: String, permissions: mode_t = 0o777) throws(SystemError) {
        guard unsafe mkdirat(self.number, name, permissions) == 0 else { throw .last }
    }

    func removeFile(named name: String) throws(SystemError) {
        guard unsafe unlinkat(self.number, name, 0) == 0 else { throw .last }
    }

    /// Removes an empty folder.
    func removeFolder(named name: String) throws(SystemError) {
        guard unsafe unlinkat(self.number, name, AT_REMOVEDIR) == 0 else { throw .last }
    }

    func status() throws(SystemError) -> FileStatus {
        var result = stat()
        guard unsafe fstat(self.number, &result) == 0 else { throw .last }
        return FileStatus(result)
    }

    /// Of a name in this folder; of a link, the link's own.
    func status(of name: String) throws(SystemError) -> FileStatus {
        var result = stat()
        guard unsafe fstatat(self.number, name, &result, AT_SYMLINK_NOFOLLOW) == 0 else { throw .last }
        return FileStatus(result)
    }

    func setPermissions(_ permissions: mode_t) throws(SystemError) {
        guard fchmod(self.number, permissions) == 0 else { throw .last }
    }

    /// Waits until what was written, or the folder's entries, would survive a loss of power.
    func synchronize() throws(SystemError) {
        guard fsync(self.number) == 0 else { throw .last }
    }

    /// Takes the folder for this process, until it is closed. False if another one has it.
    func tryLock() -> Bool { flock(self.number, LOCK_EX | LOCK_NB) == 0 }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    func read(count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let result = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(
                    self.number, buffer.baseAddress.map { unsafe $0 + filled }, count - filled, offset + filled)
            }
            if result == 0 { break }
            if result > 0 {
                filled += result
            } else if errno != EINTR {
                throw .last
            }
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let result = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    self.number, buffer.baseAddress.map { unsafe $0 + written }, bytes.count - written,
                    offset + written)
            }
            if result >= 0 {
                written += result
            } else if errno != EINTR {
                throw .last
            }
        }
    }
}

// Moving names.
extension FileDescriptor {
    /// Gives what is called `name` here the name `newName` in `folder`, in place of what had it.
    func rename(_ name: String, to folder: borrowing FileDescriptor, as newName: String) throws(SystemError) {
        guard unsafe renameat(self.number, name, folder.number, newName) == 0 else { throw .last }
    }

    /// The same for a file, whose new name must be free.
    func renameFile(
        _ name: String, toFreeName newName: String, in folder: borrowing FileDescriptor
    ) throws(SystemError) {
        if unsafe linkat(self.number, name, folder.number, newName, 0) == 0 {
            return try self.removeFile(named: name)
        }
        switch errno {
        case EPERM, ENOTSUP, EMLINK:
            // A file system without hard links: the name is looked at first instead.
            if (try? folder.status(of: newName)) != nil { throw SystemError(number: EEXIST) }
            try self.rename(name, to: folder, as: newName)
        case let number:
            throw SystemError(number: number)
        }
    }
}

// Reading a folder.
extension FileDescriptor {
    /// Calls `body` with every name that is UTF-8, in no order, but `.` and `..`. The kind is nil where the file system
    /// does not tell it. Stops when `body` returns false.
    func forEachEntry(_ body: (String, FileKind?) -> Bool) throws(SystemError) {
        let number = unsafe openat(self.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw .last }
        guard let stream = unsafe fdopendir(number) else {
            let error = SystemError.last
            close(number)
            throw error
        }
        defer { unsafe closedir(stream) }
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                if errno == 0 { return }
                throw .last
            }
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let name, name != ".", name != ".." else { continue }
            let kind: FileKind? =
                switch Int(unsafe entry.pointee.d_type) {
                case Int(DT_REG): .file
                case Int(DT_DIR): .folder
                case Int(DT_UNKNOWN): nil
                default: .other
                }
            guard body(name, kind) else { return }
        }
    }
}
