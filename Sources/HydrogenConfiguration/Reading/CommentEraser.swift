import HydrogenProtocol

/// Makes JSON out of JSON with comments: each byte of a comment becomes a space, so that every offset stays.
enum CommentEraser {
    /// Erases `// to the end of the line` and `/* to the next */`, outside strings.
    ///
    /// - Throws: the place where a comment begins that never ends.
    static func erase(_ bytes: inout [UInt8]) throws(JSONFault) {
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index = self.endOfString(bytes, from: index + 1)
            case UInt8(ascii: "/") where index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "/"):
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") {
                    self.blank(&bytes[index])
                    index += 1
                }
            case UInt8(ascii: "/") where index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "*"):
                guard let end = self.endOfBlock(bytes, from: index + 2) else {
                    throw JSONFault(.unexpectedEnd, at: index)
                }
                while index < end {
                    self.blank(&bytes[index])
                    index += 1
                }
            default:
                index += 1
            }
        }
    }

    /// The offset behind the quote that closes a string; the scanner tells what is wrong with one that has none.
    private static func endOfString(_ bytes: [UInt8], from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\"") { return index + 1 }
            // No string goes on in the next line.
            if bytes[index] == UInt8(ascii: "\n") { return index }
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return index
    }

    private static func endOfBlock(_ bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        while index + 1 < bytes.count {
            if bytes[index] == UInt8(ascii: "*"), bytes[index + 1] == UInt8(ascii: "/") { return index + 2 }
            index += 1
        }
        return nil
    }

    /// Line ends stay.
    private static func blank(_ byte: inout UInt8) {
        if byte != UInt8(ascii: "\n") { byte = UInt8(ascii: " ") }
    }
}
