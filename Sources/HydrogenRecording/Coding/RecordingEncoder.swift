import HydrogenProtocol

/// Writes values as bytes: numbers in as few of them as they need. Keys in text and bytes are replaced by pseudonyms
/// on the way (`KeyMask`).
package struct RecordingEncoder {
    package var bytes: [UInt8] = []
    /// nil: what is written holds no key, or pseudonyms only.
    let mask: KeyMask?
    /// What instants are told from.
    var now = Instant(nanoseconds: 0)

    init(mask: KeyMask?) { self.mask = mask }

    /// A number of seven bits per byte, the lowest first.
    @inline(__always)
    package mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        self.bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// A number that may be negative; small ones of either sign are short.
    mutating func append(signed number: Int64) {
        self.append(UInt64(bitPattern: number &<< 1 ^ number &>> 63))
    }

    mutating func append(_ count: Int) { self.append(UInt64(count)) }

    mutating func append(_ flag: Bool) { self.bytes.append(flag ? 1 : 0) }

    mutating func append(byte: UInt8) { self.bytes.append(byte) }

    /// Four bytes.
    mutating func append(fixed number: UInt32) {
        for place in 0..<UInt32(4) { self.bytes.append(UInt8(truncatingIfNeeded: number &>> (8 &* place))) }
    }

    mutating func append(_ text: String) { self.append(text.utf8.span) }

    /// Bytes that a peer or a service chose.
    package mutating func append(_ bytes: Span<UInt8>) {
        self.append(bytes.count)
        self.append(masked: bytes)
    }

    mutating func append(_ bytes: [UInt8]) { self.append(bytes.span) }

    /// The same without their number.
    mutating func append(masked bytes: Span<UInt8>) {
        guard let mask = self.mask else { return self.bytes.append(bytes) }
        mask.append(bytes, to: &self.bytes)
    }

    /// Bytes that hold no key.
    mutating func append(plain bytes: Span<UInt8>) {
        self.append(bytes.count)
        self.bytes.append(bytes)
    }

    mutating func append(_ instant: Instant) {
        self.append(signed: instant.nanoseconds &- self.now.nanoseconds)
    }

    mutating func append(_ value: some Recordable) { value.encode(to: &self) }

    mutating func append<Value: Recordable>(_ value: Value?) {
        self.append(value != nil)
        if let value { value.encode(to: &self) }
    }

    mutating func append<Value: Recordable>(_ values: [Value]) {
        self.append(values.count)
        for value in values { value.encode(to: &self) }
    }
}

/// What a recording can hold, and give back.
protocol Recordable {
    func encode(to encoder: inout RecordingEncoder)
    init(from decoder: inout RecordingDecoder) throws(RecordingFault)
}
