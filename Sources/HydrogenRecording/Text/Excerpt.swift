import HydrogenProtocol

/// Bytes that a peer chose as one line of text: long ones cut, and nothing in it that moves a terminal's cursor.
enum Excerpt {
    /// How many bytes are shown.
    private static let maximumByteCount = 240

    static func of(_ bytes: some Collection<UInt8>) -> String {
        let shown = Array(bytes.prefix(Self.maximumByteCount))
        var text = ""
        for scalar in String(decoding: shown, as: UTF8.self).unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                text.unicodeScalars.append(scalar)
            }
        }
        return bytes.count > shown.count ? "\(text)…" : text
    }

    static func of(_ text: String) -> String { self.of(text.utf8) }
}

/// The frames of one write, in words.
enum FrameText {
    static func of(_ bytes: [UInt8]) -> String {
        var texts: [String] = []
        var index = 0
        while index + 2 <= bytes.count {
            let (opcode, short) = (bytes[index] & 0x0f, Int(bytes[index + 1] & 0x7f))
            let lengthCount = short < 126 ? 0 : short == 126 ? 2 : 8
            guard index + 2 + lengthCount <= bytes.count else { break }
            var count = short < 126 ? short : 0
            for place in 0..<lengthCount { count = count << 8 | Int(bytes[index + 2 + place]) }
            let start = index + 2 + lengthCount
            guard count >= 0, count <= bytes.count - start else { break }
            texts.append("\(Self.name(opcode)) \(Excerpt.of(bytes[start..<start + count]))")
            index = start + count
        }
        return texts.joined(separator: " | ")
    }

    /// RFC 6455 §5.2.
    private static func name(_ opcode: UInt8) -> String {
        switch opcode {
        case 0: "continuation"
        case 1: "text"
        case 2: "binary"
        case 8: "close"
        case 9: "ping"
        case 10: "pong"
        default: "opcode \(opcode)"
        }
    }
}
