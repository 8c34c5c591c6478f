import COpenSSL

/// SHA-256 (FIPS 180-4), at once or piece by piece. A plain value: a copy goes on by itself.
package struct SHA256: Sendable {
    /// The octets that the function takes in at a time.
    package static let blockByteCount = 64

    private var context = SHA256_CTX()

    package init() {
        _ = unsafe SHA256_Init(&self.context)
    }

    /// The digest of `bytes`.
    package static func hash(_ bytes: Span<UInt8>) -> Digest {
        var function = SHA256()
        function.update(bytes)
        return function.finish()
    }

    /// Takes in the next octets.
    package mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            _ = unsafe SHA256_Update(&self.context, buffer.baseAddress, buffer.count)
        }
    }

    /// Takes in one octet.
    package mutating func update(_ octet: UInt8) {
        var octet = octet
        _ = unsafe SHA256_Update(&self.context, &octet, 1)
    }

    /// Takes in the 32 octets of a digest.
    mutating func update(_ digest: Digest) {
        var octets = InlineArray<32, UInt8>(repeating: 0)
        for index in 0..<Digest.byteCount { octets[index] = digest[index] }
        self.update(octets.span)
    }

    /// The digest of everything that was taken in.
    package consuming func finish() -> Digest {
        var octets = InlineArray<32, UInt8>(repeating: 0)
        var span = octets.mutableSpan
        unsafe span.withUnsafeMutableBufferPointer { buffer in
            _ = unsafe SHA256_Final(buffer.baseAddress, &self.context)
        }
        return Digest(octets.span) ?? Digest(words: (0, 0, 0, 0))
    }
}
