/// What a person pressed.
package enum Key: Sendable, Hashable {
    case character(Character)
    case enter, tab
    case backspace, delete
    case left, right, wordLeft, wordRight, home, end
    case up, down
    case deleteToEnd, deleteToStart, deleteWord
    case clearScreen
    /// Ctrl-C.
    case interrupt
    /// Ctrl-D.
    case endOfInput
}

/// Makes keys of the bytes that a terminal sends: UTF-8, control characters, and the sequences of ECMA-48 and xterm.
package struct KeyDecoder: Sendable {
    /// The beginning of a sequence or of a character.
    private var pending: [UInt8] = []

    /// Nothing that begins with an escape is longer.
    private static let longestSequence = 16

    package init() {}

    /// Takes a byte.
    ///
    /// - Returns: The key that it completes; nil while more must come, or for what is no key of ours.
    package mutating func take(_ byte: UInt8) -> Key? {
        if self.pending.first == 0x1b { return self.takeSequence(byte) }
        if !self.pending.isEmpty || byte >= 0x80 { return self.takeUTF8(byte) }
        switch byte {
        case 0x1b:
            self.pending = [byte]
            return nil
        case 0x0a, 0x0d: return .enter
        case 0x09: return .tab
        case 0x08, 0x7f: return .backspace
        case 0x01: return .home
        case 0x05: return .end
        case 0x02: return .left
        case 0x06: return .right
        case 0x10: return .up
        case 0x0e: return .down
        case 0x03: return .interrupt
        case 0x04: return .endOfInput
        case 0x0b: return .deleteToEnd
        case 0x15: return .deleteToStart
        case 0x17: return .deleteWord
        case 0x0c: return .clearScreen
        case 0..<0x20: return nil
        default: return .character(Character(UnicodeScalar(byte)))
        }
    }

    private mutating func takeUTF8(_ byte: UInt8) -> Key? {
        if self.pending.isEmpty, byte < 0xc0 { return nil }
        if !self.pending.isEmpty, byte & 0xc0 != 0x80 {
            // A character that was cut off: what follows it is whole.
            self.pending = []
            return self.take(byte)
        }
        self.pending.append(byte)
        let length = self.pending[0] < 0xe0 ? 2 : self.pending[0] < 0xf0 ? 3 : 4
        guard self.pending.count == length else { return nil }
        defer { self.pending = [] }
        guard let text = String(validating: self.pending, as: UTF8.self), let character = text.first,
            !character.unicodeScalars.contains(where: { $0.value < 0xa0 })
        else { return nil }
        return .character(character)
    }

    private mutating func takeSequence(_ byte: UInt8) -> Key? {
        self.pending.append(byte)
        guard self.pending.count > 2 else {
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "O"): return nil
            default:
                self.pending = []
                // Alt with a letter.
                return byte == UInt8(ascii: "b") ? .wordLeft : byte == UInt8(ascii: "f") ? .wordRight : nil
            }
        }
        guard (0x40...0x7e).contains(byte) || self.pending.count >= Self.longestSequence else { return nil }
        defer { self.pending = [] }
        let hasModifier = self.pending.contains(UInt8(ascii: ";"))
        switch byte {
        case UInt8(ascii: "A"): return .up
        case UInt8(ascii: "B"): return .down
        case UInt8(ascii: "C"): return hasModifier ? .wordRight : .right
        case UInt8(ascii: "D"): return hasModifier ? .wordLeft : .left
        case UInt8(ascii: "H"): return .home
        case UInt8(ascii: "F"): return .end
        case UInt8(ascii: "~"):
            switch self.pending[2] {
            case UInt8(ascii: "1"), UInt8(ascii: "7"): return .home
            case UInt8(ascii: "4"), UInt8(ascii: "8"): return .end
            case UInt8(ascii: "3"): return .delete
            default: return nil
            }
        default: return nil
        }
    }
}
