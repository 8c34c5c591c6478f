/// An IPv6 address, or an IPv4 one in its mapped form (`::ffff:a.b.c.d`), in two words, most significant octet first.
package struct NetworkAddress: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64
    /// Whether it was written as an IPv4 address.
    package let isIPv4: Bool

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
        self.isIPv4 = high == 0 && low >> 32 == 0xffff
    }

    /// From its digits: four decimal octets, or groups of hexadecimal digits (RFC 4291 §2.2). Nil for anything else,
    /// names, zones and leading zeros of an octet among it.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        if let four = Self.octets(of: bytes[...]) {
            self.high = 0
            self.low = 0xffff_0000_0000 | UInt64(four)
            self.isIPv4 = true
            return
        }
        guard let words = Self.words(of: bytes) else { return nil }
        self.high = words.high
        self.low = words.low
        self.isIPv4 = false
    }

    /// Whether it stands for all addresses of its family.
    package var isWildcard: Bool { self.high == 0 && (self.low == 0 || self.low == 0xffff_0000_0000) }

    /// Whether only this machine reaches it: 127.0.0.0/8 and ::1.
    package var isLoopback: Bool { self.isIn(["127.0.0.0/8", "::1/128"]) }

    /// Whether the open Internet does not reach it (RFC 1918, RFC 4193, and link-local addresses).
    package var isPrivate: Bool {
        self.isIn(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"])
    }

    private func isIn(_ networks: [String]) -> Bool {
        networks.contains { Network($0)?.contains(high: self.high, low: self.low) == true }
    }

    /// Four octets, most significant first.
    private static func octets(of bytes: ArraySlice<UInt8>) -> UInt32? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0"),
                part.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            else { return nil }
            let octet = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - UInt8(ascii: "0")) }
            guard octet <= 255 else { return nil }
            address = address << 8 | octet
        }
        return address
    }

    /// Eight groups of 16 bits, of which `::` leaves out those that are zero; the last two may be four octets.
    private static func words(of bytes: [UInt8]) -> (high: UInt64, low: UInt64)? {
        let colon = UInt8(ascii: ":")
        var groups: [UInt16] = []
        var gap: Int?
        var index = 0
        if bytes.first == colon {
            guard bytes.count > 1, bytes[1] == colon else { return nil }
            gap = 0
            index = 2
        }
        while index < bytes.count {
            let end = bytes[index...].firstIndex(of: colon) ?? bytes.count
            if end == bytes.count, let four = self.octets(of: bytes[index...]) {
                groups += [UInt16(four >> 16), UInt16(truncatingIfNeeded: four)]
            } else {
                guard let group = self.group(bytes[index..<end]) else { return nil }
                groups.append(group)
            }
            index = end + 1
            guard end < bytes.count else { break }
            if index < bytes.count, bytes[index] == colon {
                guard gap == nil else { return nil }
                gap = groups.count
                index += 1
            } else if index == bytes.count {
                return nil
            }
        }
        guard gap == nil ? groups.count == 8 : groups.count < 8 else { return nil }
        groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap ?? 8)
        let high = groups[..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        let low = groups[4...].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        return (high, low)
    }

    private static func group(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(digits.count) else { return nil }
        var value: UInt16 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt16(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt16(digit - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt16(digit - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return value
    }
}
