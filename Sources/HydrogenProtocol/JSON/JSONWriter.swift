extension [UInt8] {
    /// Appends a JSON string with its quotes.
    ///
    /// - Parameter text: UTF-8 that was checked. Quotes, backslashes and control characters are escaped.
    package mutating func append(jsonString text: Span<UInt8>) {
        self.append(UInt8(ascii: "\""))
        var start = 0
        var index = 0
        while index < text.count {
            if index &+ 8 <= text.count {
                let stops = JSONScanner.stopsOfWriting(in: text.word(at: index))
                guard stops != 0 else {
                    index &+= 8
                    continue
                }
                index &+= stops.trailingZeroBitCount &>> 3
            }
            let byte = text[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
                index &+= 1
                continue
            }
            self.append(text, ByteRange(start, index))
            self.append(escapeOf: byte)
            index &+= 1
            start = index
        }
        self.append(text, ByteRange(start, index))
        self.append(UInt8(ascii: "\""))
    }

    /// Appends a JSON string with its quotes.
    package mutating func append(jsonString text: String) {
        self.append(jsonString: text.utf8.span)
    }

    private mutating func append(escapeOf byte: UInt8) {
        self.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: self.append(UInt8(ascii: "b"))
        case 0x09: self.append(UInt8(ascii: "t"))
        case 0x0a: self.append(UInt8(ascii: "n"))
        case 0x0c: self.append(UInt8(ascii: "f"))
        case 0x0d: self.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): self.append(byte)
        default:
            self.append("u00")
            Hexadecimal.append(byte, to: &self)
        }
    }
}
