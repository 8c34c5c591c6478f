/// What is wrong with a JSON text, and where.
package struct JSONFault: Error, Sendable, Hashable {
    package enum Kind: UInt8, Sendable, CaseIterable {
        /// The text stops inside a value.
        case unexpectedEnd
        /// A byte that the grammar does not allow at its place (RFC 8259 §2).
        case unexpectedByte
        /// Not UTF-8 (RFC 3629 §3), inside a string.
        case invalidUTF8
        /// A control character that is not escaped, inside a string (RFC 8259 §7).
        case controlCharacter
        /// A backslash that starts no escape.
        case invalidEscape
        /// An escape of one half of a surrogate pair without the other: no character.
        case loneSurrogate
        /// More nested than the caller allows.
        case tooDeep
        /// Something follows the value.
        case trailingBytes
    }

    package var kind: Kind
    /// Where the byte stands that cannot be: from 0; the length of the text when it stops too early.
    package var offset: Int

    package init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// What is wrong, in words for a person.
    package var text: StaticString {
        switch self.kind {
        case .unexpectedEnd: "the text ends too early"
        case .unexpectedByte: "unexpected character"
        case .invalidUTF8: "invalid UTF-8"
        case .controlCharacter: "control character in a string"
        case .invalidEscape: "invalid escape in a string"
        case .loneSurrogate: "escape of half a surrogate pair"
        case .tooDeep: "nested too deeply"
        case .trailingBytes: "something follows the value"
        }
    }

    /// Line and column of the fault, both from 1; a column is a Unicode scalar.
    package func position(in bytes: Span<UInt8>) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        for index in 0..<min(self.offset, bytes.count) {
            switch bytes[index] {
            case UInt8(ascii: "\n"):
                line += 1
                column = 1
            case 0x80...0xbf: break  // Inside a scalar.
            default: column += 1
            }
        }
        return (line, column)
    }
}
