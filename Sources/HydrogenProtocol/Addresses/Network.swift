/// A range of addresses that share their first bits (RFC 4632, RFC 4291 §2.3).
package struct Network: Sendable, Hashable {
    package let address: NetworkAddress
    /// Of the 128 bits of the mapped form: 96 to 128 for IPv4.
    package let prefixLength: Int

    /// `address/length`, or an address alone; nil where bits behind the prefix are set: more was typed than is meant.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = NetworkAddress(String(first)) else { return nil }
        let offset = address.isIPv4 ? 96 : 0
        var length = 128
        if parts.count == 2 {
            let digits = parts[1]
            guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                digits == "0" || !digits.hasPrefix("0"), let number = Int(digits), number + offset <= 128
            else { return nil }
            length = number + offset
        }
        self.address = address
        self.prefixLength = length
        guard address.high & ~Self.mask(length) == 0, address.low & ~Self.mask(length - 64) == 0 else { return nil }
    }

    /// - Parameter prefixLength: of the 128 bits of the mapped form.
    package init(_ address: NetworkAddress, prefixLength: Int) {
        self.address = address
        self.prefixLength = prefixLength
    }

    /// Whether an address in its mapped form belongs to it.
    package func contains(high: UInt64, low: UInt64) -> Bool {
        (high ^ self.address.high) & Self.mask(self.prefixLength) == 0
            && (low ^ self.address.low) & Self.mask(self.prefixLength - 64) == 0
    }

    /// The first `count` bits of a word; none below 1, all above 63.
    private static func mask(_ count: Int) -> UInt64 { count <= 0 ? 0 : ~0 << UInt64(64 - min(count, 64)) }
}
