import Glibc

/// An open descriptor, closed when it goes.
package struct OpenFile: ~Copyable, Sendable {
    let descriptor: Int32
    private let path: String

    /// - Parameter mode: Of a file that is made by it.
    init(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(FileError) {
        self.path = path
        var descriptor: Int32
        repeat { descriptor = unsafe open(path, flags | O_CLOEXEC, mode) } while descriptor < 0 && errno == EINTR
        guard descriptor >= 0 else { throw FileError(operation: .open, path: path, number: errno) }
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }

    /// What the system knows about it.
    func status() throws(FileError) -> stat {
        var status = stat()
        guard unsafe fstat(self.descriptor, &status) == 0 else {
            throw FileError(operation: .read, path: self.path, number: errno)
        }
        return status
    }

    /// All of its bytes, which must be a plain file's.
    func readAll(atMost maxCount: Int) throws(FileError) -> [UInt8] {
        guard try self.status().st_mode & S_IFMT == S_IFREG else {
            throw FileError(operation: .notAFile, path: self.path, number: 0)
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(self.descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count < 0 {
                guard errno == EINTR else { throw FileError(operation: .read, path: self.path, number: errno) }
                continue
            }
            bytes += chunk[..<count]
            guard bytes.count <= maxCount else { throw FileError(operation: .tooLarge, path: self.path, number: 0) }
        }
    }

    /// Writes all bytes, and waits until they are on the disk.
    func writeAll(_ bytes: [UInt8]) throws(FileError) {
        try self.append(bytes)
        try self.synchronize()
    }

    /// Writes all bytes.
    package func append(_ bytes: [UInt8]) throws(FileError) {
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe write(self.descriptor, $0.baseAddress?.advanced(by: start), $0.count - start)
            }
            if count < 0 {
                guard errno == EINTR else { throw FileError(operation: .write, path: self.path, number: errno) }
                continue
            }
            start += count
        }
    }

    /// Reads the next bytes: as many as asked for, or what is left of the file.
    package func next(_ count: Int) throws(FileError) -> [UInt8] {
        var isFailed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filledCount in
            while filledCount < count, let base = buffer.baseAddress {
                let readCount = unsafe read(self.descriptor, base + filledCount, count - filledCount)
                if readCount > 0 { filledCount += readCount }
                if readCount == 0 { return }
                if readCount < 0, errno != EINTR {
                    isFailed = true
                    return
                }
            }
        }
        if isFailed { throw FileError(operation: .read, path: self.path, number: errno) }
        return bytes
    }

    /// Goes back to the first byte.
    package func rewind() { lseek(self.descriptor, 0, SEEK_SET) }

    /// Cuts the file after so many bytes.
    package func truncate(to count: Int) { ftruncate(self.descriptor, count) }

    func synchronize() throws(FileError) {
        guard fsync(self.descriptor) == 0 else { throw FileError(operation: .write, path: self.path, number: errno) }
    }
}
