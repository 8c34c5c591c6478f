/// HMAC (RFC 2104) with SHA-256, at once or piece by piece. A plain value: made once for a key, a copy of it begins
/// each message without taking in the key again.
package struct HMACSHA256: Sendable {
    private var inner = SHA256()
    private var outer = SHA256()

    /// Begins a message under `key`, which may have any length.
    package init(key: Span<UInt8>) {
        var block = InlineArray<64, UInt8>(repeating: 0)
        if key.count > SHA256.blockByteCount {
            let digest = SHA256.hash(key)
            for index in 0..<Digest.byteCount { block[index] = digest[index] }
        } else {
            for index in key.indices { block[index] = key[index] }
        }
        for index in block.indices { block[index] ^= 0x36 }
        self.inner.update(block.span)
        for index in block.indices { block[index] ^= 0x36 ^ 0x5c }
        self.outer.update(block.span)
    }

    /// The authentication code of `message` under `key`.
    package static func authenticate(key: Span<UInt8>, message: Span<UInt8>) -> Digest {
        var function = HMACSHA256(key: key)
        function.update(message)
        return function.finish()
    }

    /// Takes in the next octets of the message.
    package mutating func update(_ bytes: Span<UInt8>) { self.inner.update(bytes) }

    /// Takes in one octet of the message.
    package mutating func update(_ octet: UInt8) { self.inner.update(octet) }

    /// The authentication code of everything that was taken in. Compare it by `Digest.equalsInConstantTime`.
    package consuming func finish() -> Digest {
        self.outer.update(self.inner.finish())
        return self.outer.finish()
    }
}
