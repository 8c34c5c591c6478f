extension NetworkAddress {
    /// The address as people write it: four octets, or the shortest form of IPv6 (RFC 5952).
    package var text: String {
        if self.high == 0, self.low >> 32 == 0xffff {
            return [24, 16, 8, 0].map { "\(UInt8(truncatingIfNeeded: self.low >> UInt64($0)))" }.joined(separator: ".")
        }
        let groups = [self.high, self.low].flatMap { word in
            [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: word >> UInt64($0)) }
        }
        let gap = Self.longestRunOfZeros(in: groups)
        func joined(_ groups: ArraySlice<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard gap.count > 1 else { return joined(groups[...]) }
        return "\(joined(groups[..<gap.lowerBound]))::\(joined(groups[gap.upperBound...]))"
    }

    private static func longestRunOfZeros(in groups: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > longest.count { longest = start..<index }
            start = index + 1
        }
        return longest
    }
}
