import COpenSSL

/// The operating system gave no entropy.
package struct RandomnessUnavailable: Error, Sendable, Equatable {
    package init() {}
}

/// Octets that nobody can foresee, from libcrypto's generator (NIST SP 800-90A, seeded by the kernel).
package enum RandomBytes {
    /// Overwrites all of `output`.
    package static func fill(_ output: inout MutableSpan<UInt8>) throws(RandomnessUnavailable) {
        let succeeded = unsafe output.withUnsafeMutableBufferPointer { unsafe Self.overwrite($0) }
        guard succeeded else { throw RandomnessUnavailable() }
    }

    /// Appends `count` octets; none when it throws.
    package static func append(_ count: Int, to output: inout [UInt8]) throws(RandomnessUnavailable) {
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: count))
        let succeeded = unsafe output.withUnsafeMutableBufferPointer {
            unsafe Self.overwrite(UnsafeMutableBufferPointer(rebasing: $0[start...]))
        }
        guard succeeded else {
            output.removeSubrange(start...)
            throw RandomnessUnavailable()
        }
    }

    private static func overwrite(_ buffer: UnsafeMutableBufferPointer<UInt8>) -> Bool {
        guard let count = Int32(exactly: buffer.count) else { return false }
        guard let base = buffer.baseAddress else { return true }
        return unsafe RAND_bytes(base, count) == 1
    }
}
