/// How many columns text takes on a terminal.
package enum DisplayWidth {
    package static func of(_ text: String) -> Int {
        var width = 0
        for character in text { width += self.of(character) }
        return width
    }

    /// A character is as wide as its widest scalar; what only changes others has no width of its own.
    package static func of(_ character: Character) -> Int {
        var width = 1
        for scalar in character.unicodeScalars where self.isWide(scalar.value) { width = 2 }
        return width
    }

    /// East Asian wide and full-width scalars, and emoji (Unicode Standard Annex 11).
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xa000...0xa4cf,
            0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0xfe0f,
            0x1f300...0x1f64f, 0x1f680...0x1f6ff, 0x1f900...0x1f9ff, 0x20000...0x3fffd:
            true
        default: false
        }
    }
}
