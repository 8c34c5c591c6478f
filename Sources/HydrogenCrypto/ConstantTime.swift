import COpenSSL

/// Whether two secrets are the same. The time depends on their lengths, which are no secret, never on where they differ.
package func constantTimeEquals(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe left.withUnsafeBytes { left in
        unsafe right.withUnsafeBytes { right in
            guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return true }
            return unsafe CRYPTO_memcmp(leftBase, rightBase, left.count) == 0
        }
    }
}
