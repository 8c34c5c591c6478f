/// Writes one JSON object, member by member. Its size is known at every step, which bounds a page before it is sent.
struct JSONObjectWriter {
    private(set) var bytes: [UInt8] = [UInt8(ascii: "{")]

    mutating func add(_ name: String, _ value: String) {
        self.begin(name)
        Self.append(value.utf8, to: &self.bytes)
    }

    mutating func add(_ name: String, _ value: Int) {
        self.begin(name)
        self.bytes.append(contentsOf: String(value).utf8)
    }

    mutating func add(_ name: String, _ value: Bool) {
        self.begin(name)
        self.bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// A value that is JSON already.
    mutating func add(_ name: String, encoded: [UInt8]) {
        self.begin(name)
        self.bytes.append(contentsOf: encoded)
    }

    consuming func finish() -> [UInt8] {
        self.bytes.append(UInt8(ascii: "}"))
        return self.bytes
    }

    private mutating func begin(_ name: String) {
        if self.bytes.count > 1 { self.bytes.append(UInt8(ascii: ",")) }
        Self.append(name.utf8, to: &self.bytes)
        self.bytes.append(UInt8(ascii: ":"))
    }

    /// A JSON string with its quotes, of text in UTF-8.
    static func append(_ text: some Sequence<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Self.hexDigit(byte >> 4))
                bytes.append(Self.hexDigit(byte & 0x0f))
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// How many bytes `append` writes for one byte of text.
    static func encodedCount(of byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): 2
        case 0..<0x20: 6
        default: 1
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
