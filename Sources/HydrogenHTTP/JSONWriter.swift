import HydrogenMetrics

/// Writes one JSON value, members in the order in which they are given.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    /// Whether the next member is its object's first.
    private var isFirst = true

    mutating func object(_ members: (inout JSONWriter) -> Void) {
        self.bytes.append(UInt8(ascii: "{"))
        self.isFirst = true
        members(&self)
        self.bytes.append(UInt8(ascii: "}"))
        self.isFirst = false
    }

    mutating func member(_ name: String, _ value: (inout JSONWriter) -> Void) {
        if !self.isFirst { self.bytes.append(UInt8(ascii: ",")) }
        self.string(name)
        self.bytes.append(UInt8(ascii: ":"))
        value(&self)
        self.isFirst = false
    }

    mutating func member(_ name: String, _ value: String) { self.member(name) { $0.string(value) } }
    mutating func member(_ name: String, _ value: Bool) { self.member(name) { $0.bytes += "\(value)".utf8 } }
    mutating func member(_ name: String, _ value: Int64) { self.member(name) { $0.bytes += "\(value)".utf8 } }
    mutating func member(_ name: String, _ value: DecimalNumber) { self.member(name) { $0.bytes += value.text.utf8 } }

    /// RFC 8259 §7: quotation mark, backslash and control characters are escaped.
    private mutating func string(_ text: String) {
        self.bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): self.bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                self.bytes += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: self.bytes.append(byte)
            }
        }
        self.bytes.append(UInt8(ascii: "\""))
    }
}
