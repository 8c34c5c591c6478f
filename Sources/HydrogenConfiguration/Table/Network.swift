import Glibc

/// An IPv6 address, or an IPv4 one in its mapped form (`::ffff:a.b.c.d`), in two words, most significant octet first.
package struct NetworkAddress: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64
    /// Whether it was written as an IPv4 address.
    package let isIPv4: Bool

    /// From its digits (RFC 4291 §2.2, or four decimal octets); nil for anything else, names and zones among it.
    package init?(_ text: String) {
        guard !text.utf8.contains(0) else { return nil }
        var four = in_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            self.high = 0
            self.low = 0xffff_0000_0000 | UInt64(UInt32(bigEndian: four.s_addr))
            self.isIPv4 = true
            return
        }
        var octets = InlineArray<16, UInt8>(repeating: 0)
        var span = octets.mutableSpan
        let parsed = unsafe span.withUnsafeMutableBytes { buffer in unsafe inet_pton(AF_INET6, text, buffer.baseAddress)
        }
        guard parsed == 1 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            words.0 = words.0 << 8 | UInt64(octets[index])
            words.1 = words.1 << 8 | UInt64(octets[index + 8])
        }
        self.high = words.0
        self.low = words.1
        self.isIPv4 = false
    }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
        self.isIPv4 = high == 0 && low >> 32 == 0xffff
    }

    /// Whether it stands for all addresses of its family.
    package var isWildcard: Bool { self.high == 0 && (self.low == 0 || self.low == 0xffff_0000_0000) }

    /// Whether only this machine reaches it: 127.0.0.0/8 and ::1.
    package var isLoopback: Bool { Self.isIn(self, ["127.0.0.0/8", "::1/128"]) }

    /// Whether the open Internet does not reach it (RFC 1918, RFC 4193, and link-local addresses).
    package var isPrivate: Bool {
        Self.isIn(self, ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"])
    }

    private static func isIn(_ address: NetworkAddress, _ networks: [String]) -> Bool {
        networks.contains { Network($0)?.contains(high: address.high, low: address.low) == true }
    }
}

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

    /// Whether an address in its mapped form belongs to it.
    package func contains(high: UInt64, low: UInt64) -> Bool {
        (high ^ self.address.high) & Self.mask(self.prefixLength) == 0
            && (low ^ self.address.low) & Self.mask(self.prefixLength - 64) == 0
    }

    /// The first `count` bits of a word; none below 1, all above 63.
    private static func mask(_ count: Int) -> UInt64 { count <= 0 ? 0 : ~0 << UInt64(64 - min(count, 64)) }
}
