import HydrogenProtocol
import Logging

/// Text from anywhere, made fit for a log.
enum LogText {
    /// Whether a text can stand without quotes: visible ASCII without quote, backslash and equals sign.
    static func isPlain(_ text: String, allowingSpaces: Bool = false) -> Bool {
        guard !text.isEmpty, text.utf8.count <= LogLine.maxValueCount else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "="): false
            case UInt8(ascii: " "): allowingSpaces
            default: byte > 0x20 && byte < 0x7f
            }
        }
    }

    /// Appends a JSON string. Beyond what JSON asks for, everything that moves a cursor, ends a line somewhere or turns
    /// the direction of writing is escaped. A long text is cut and ends with `…`.
    static func appendQuoted(_ text: String, to out: inout [UInt8]) {
        let end = out.count + LogLine.maxValueCount
        out.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            guard out.count < end else {
                out.append(contentsOf: "…".utf8)
                break
            }
            switch scalar.value {
            case 0x22: out.append("\\\"")
            case 0x5c: out.append("\\\\")
            case 0x0a: out.append("\\n")
            case 0x0d: out.append("\\r")
            case 0x09: out.append("\\t")
            case 0..<0x20, 0x7f..<0xa0, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff:
                out.append("\\u")
                for shift in [12, 8, 4, 0] {
                    let digit = UInt8(truncatingIfNeeded: scalar.value >> UInt32(shift) & 15)
                    out.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
                }
            case 0..<0x80: out.append(UInt8(truncatingIfNeeded: scalar.value))
            default: out.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    /// A value as text; lists and dictionaries in brackets, the latter sorted by name.
    static func flat(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): text
        case .stringConvertible(let value): value.description
        case .array(let values): "[\(values.map(self.flat).joined(separator: ", "))]"
        case .dictionary(let values):
            "[\(values.sorted { $0.key < $1.key }.map { "\($0.key): \(self.flat($0.value))" }.joined(separator: ", "))]"
        }
    }
}
