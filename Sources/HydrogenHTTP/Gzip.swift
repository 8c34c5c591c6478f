import CZlib

/// The bytes in the gzip format (RFC 1952); nil if zlib refuses.
func gzip(_ bytes: [UInt8]) -> [UInt8]? {
    let room = hydrogen_gzip_bound(bytes.count)
    let compressed = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        count = unsafe bytes.withUnsafeBytes { input in
            unsafe hydrogen_gzip(input.baseAddress, input.count, buffer.baseAddress, room)
        }
    }
    return compressed.isEmpty ? nil : compressed
}
