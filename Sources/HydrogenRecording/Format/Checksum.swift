import HydrogenProtocol

/// A quick 64-bit checksum over pieces of bytes and words: eight bytes in a few instructions. It finds every change of
/// one word, and others but for one in 2^64; it is no protection from somebody who means to deceive.
package struct Checksum: Sendable {
    private var state: UInt64 = 0x9e37_79b9_7f4a_7c15

    package init() {}

    /// Each step gives different states for different words, and for different states before.
    @inline(__always)
    package mutating func update(_ word: UInt64) {
        let mixed = (self.state ^ word) &* 0xd6e8_feb8_6659_fd93
        self.state = mixed ^ mixed &>> 32
    }

    /// Takes in a piece: its size, and its bytes.
    package mutating func update(_ bytes: Span<UInt8>) {
        let count = bytes.count
        self.update(UInt64(count))
        var index = 0
        while index &+ 8 <= count {
            self.update(bytes.word(at: index))
            index &+= 8
        }
        var rest: UInt64 = 0
        while index < count {
            rest = rest &<< 8 | UInt64(bytes[index])
            index &+= 1
        }
        self.update(rest)
    }

    package var value: UInt64 {
        let mixed = self.state &* 0xc2b2_ae3d_27d4_eb4f
        return mixed ^ mixed &>> 29
    }
}
