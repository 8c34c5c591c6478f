/// Writing into room that was made before. A message is some fifteen pieces: an array asks for each of them whether it is
/// shared and has room, 75 instructions a piece; here both are asked once, 10 a piece.
extension OutputSpan where Element == UInt8 {
    /// Appends all bytes of a span. Traps where there is no room for them.
    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { source in
            unsafe self.withUnsafeMutableBufferPointer { buffer, count in
                let room = unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                // Checks that it fits.
                unsafe room.copyMemory(from: source)
                count &+= source.count
            }
        }
    }

    /// Appends the UTF-8 of a literal.
    @inline(__always)
    mutating func append(_ literal: StaticString) {
        let count = literal.utf8CodeUnitCount
        unsafe self.withUnsafeMutableBufferPointer { buffer, initialized in
            precondition(buffer.count &- initialized >= count)
            unsafe (buffer.baseAddress.unsafelyUnwrapped + initialized).initialize(from: literal.utf8Start, count: count)
            initialized &+= count
        }
    }

    /// Appends a JSON string with its quotes; there must be room for `JSON.maxCount(ofString:)` bytes.
    @inline(__always)
    mutating func append(jsonString text: Span<UInt8>) {
        guard text.isPlainJSON else { return self.append(escaping: text) }
        self.append(UInt8(ascii: "\""))
        self.append(text)
        self.append(UInt8(ascii: "\""))
    }

    private mutating func append(escaping text: Span<UInt8>) {
        self.append(UInt8(ascii: "\""))
        for index in text.indices {
            let byte = text[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                self.append(escapeOf: byte)
            } else {
                self.append(byte)
            }
        }
        self.append(UInt8(ascii: "\""))
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
            self.append(Hexadecimal.digit(byte &>> 4))
            self.append(Hexadecimal.digit(byte & 15))
        }
    }
}

extension [UInt8] {
    /// Appends what `body` writes, after making room for so many bytes.
    @inline(__always)
    mutating func append(atMost count: Int, _ body: (inout OutputSpan<UInt8>) -> Void) {
        self.append(addingCapacity: count, initializingWith: body)
    }
}

extension Span where Element == UInt8 {
    /// Whether a JSON string can hold the text as it is.
    @inline(__always)
    fileprivate var isPlainJSON: Bool {
        if let isPlain = self.allWords(pass: { JSONScanner.stopsOfWriting(in: $0) == 0 }) { return isPlain }
        for index in self.indices {
            let byte = self[index]
            guard byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else { return false }
        }
        return true
    }

    /// The most bytes that a JSON string of this text has, quotes included: each byte may become `\u00xx`.
    @inline(__always)
    var maxJSONStringCount: Int { 6 &* self.count &+ 2 }
}
