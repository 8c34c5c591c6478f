/// The secret of `SaltedHash`: drawn at random by a server, fixed in tests and simulations.
package struct HashSalt: Sendable, Hashable {
    package var first: UInt64
    package var second: UInt64

    package init(_ first: UInt64, _ second: UInt64) {
        self.first = first
        self.second = second
    }
}

/// SipHash-2-4 (Aumasson and Bernstein, 2012): decides where an address belongs in a table. Who does not know the salt
/// cannot choose addresses that meet in one place; with the same salt it is the same in every process, which Swift's own
/// hash is not.
struct SaltedHash {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64
    private var wordCount: UInt64 = 0

    init(_ salt: HashSalt) {
        self.v0 = salt.first ^ 0x736f_6d65_7073_6575
        self.v1 = salt.second ^ 0x646f_7261_6e64_6f6d
        self.v2 = salt.first ^ 0x6c79_6765_6e65_7261
        self.v3 = salt.second ^ 0x7465_6462_7974_6573
    }

    /// The next eight bytes, the first of them lowest.
    mutating func combine(_ word: UInt64) {
        self.wordCount &+= 1
        self.absorb(word)
    }

    /// The bytes left over, and the hash of all.
    mutating func finish(_ rest: some Sequence<UInt8>) -> UInt64 {
        var word: UInt64 = 0
        var count: UInt64 = 0
        for byte in rest {
            word |= UInt64(byte) << (8 * (count & 7))
            count += 1
            guard count & 7 == 0 else { continue }
            self.absorb(word)
            word = 0
        }
        self.absorb((8 &* self.wordCount &+ count) << 56 | word)
        self.v2 ^= 0xff
        for _ in 0..<4 { self.round() }
        return self.v0 ^ self.v1 ^ self.v2 ^ self.v3
    }

    private mutating func absorb(_ word: UInt64) {
        self.v3 ^= word
        self.round()
        self.round()
        self.v0 ^= word
    }

    private mutating func round() {
        self.v0 &+= self.v1
        self.v1 = Self.rotate(self.v1, 13) ^ self.v0
        self.v0 = Self.rotate(self.v0, 32)
        self.v2 &+= self.v3
        self.v3 = Self.rotate(self.v3, 16) ^ self.v2
        self.v0 &+= self.v3
        self.v3 = Self.rotate(self.v3, 21) ^ self.v0
        self.v2 &+= self.v1
        self.v1 = Self.rotate(self.v1, 17) ^ self.v2
        self.v2 = Self.rotate(self.v2, 32)
    }

    @inline(__always)
    private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 { word << count | word >> (64 - count) }
}
