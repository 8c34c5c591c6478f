import HydrogenProtocol

/// Reads what `RecordingEncoder` wrote. Whatever the bytes are, it throws and never traps.
package struct RecordingDecoder {
    private let bytes: [UInt8]
    private(set) var position = 0
    /// What instants are told from.
    var now = Instant(nanoseconds: 0)

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var isAtEnd: Bool { self.position == self.bytes.count }
    var leftCount: Int { self.bytes.count - self.position }

    mutating func byte() throws(RecordingFault) -> UInt8 {
        guard self.position < self.bytes.count else { throw .malformed("it ends too soon") }
        defer { self.position += 1 }
        return self.bytes[self.position]
    }

    mutating func number() throws(RecordingFault) -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let byte = try self.byte()
            let bits = UInt64(byte & 0x7f)
            guard shift < 63 || bits < 2 else { throw .malformed("a number is too large") }
            number |= bits << shift
            if byte & 0x80 == 0 { return number }
        }
        throw .malformed("a number is too long")
    }

    mutating func signed() throws(RecordingFault) -> Int64 {
        let number = try self.number()
        return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
    }

    /// A number that fits the type asked for.
    mutating func integer<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(RecordingFault) -> Number {
        guard let number = Number(exactly: try self.number()) else { throw .malformed("a number is too large") }
        return number
    }

    /// How many of something follow, each at least a byte.
    mutating func count() throws(RecordingFault) -> Int {
        let number = try self.number()
        guard number <= UInt64(self.leftCount) else { throw .malformed("a number of things is too large") }
        return Int(number)
    }

    mutating func flag() throws(RecordingFault) -> Bool {
        switch try self.byte() {
        case 0: return false
        case 1: return true
        default: throw .malformed("a truth value")
        }
    }

    mutating func fixed() throws(RecordingFault) -> UInt32 {
        var number: UInt32 = 0
        for place in 0..<UInt32(4) { number |= UInt32(try self.byte()) << (8 * place) }
        return number
    }

    mutating func data() throws(RecordingFault) -> [UInt8] { try self.data(try self.count()) }

    mutating func data(_ count: Int) throws(RecordingFault) -> [UInt8] {
        guard count >= 0, count <= self.leftCount else { throw .malformed("it ends too soon") }
        defer { self.position += count }
        return Array(self.bytes[self.position..<self.position + count])
    }

    mutating func text() throws(RecordingFault) -> String {
        guard let text = String(validating: try self.data(), as: UTF8.self) else { throw .malformed("a text") }
        return text
    }

    mutating func instant() throws(RecordingFault) -> Instant {
        Instant(nanoseconds: self.now.nanoseconds &+ (try self.signed()))
    }

    mutating func value<Value: Recordable>(_: Value.Type = Value.self) throws(RecordingFault) -> Value {
        try Value(from: &self)
    }

    mutating func optional<Value: Recordable>(_: Value.Type = Value.self) throws(RecordingFault) -> Value? {
        try self.flag() ? try Value(from: &self) : nil
    }

    mutating func array<Value: Recordable>(of _: Value.Type = Value.self) throws(RecordingFault) -> [Value] {
        let count = try self.count()
        var values: [Value] = []
        for _ in 0..<count { values.append(try Value(from: &self)) }
        return values
    }
}
