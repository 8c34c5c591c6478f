import Glibc

/// What the operating system refused to do with a file.
package struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    package let operation: Operation
    package let path: String
    /// The error number of the system; 0 where a bound of ours was passed.
    package let number: Int32

    package enum Operation: String, Sendable {
        case open, read, write, lock, rename
        /// Larger than any such file may be.
        case tooLarge
        /// A folder, a socket or a device.
        case notAFile
    }

    package var description: String {
        switch self.operation {
        case .tooLarge: "\(self.path) is too large"
        case .notAFile: "\(self.path) is not a file"
        case .open, .read, .write, .lock, .rename:
            "cannot \(self.operation.rawValue) \(self.path): \(Self.text(of: self.number))"
        }
    }

    package var isAbsent: Bool { self.operation == .open && self.number == ENOENT }

    /// The system's words for an error number.
    static func text(of number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let isKnown = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            return unsafe strerror_r(number, base, buffer.count) == 0
        }
        guard isKnown else { return "error \(number)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
