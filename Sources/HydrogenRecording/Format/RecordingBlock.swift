/// One block of a recording.
package struct RecordingBlock: Sendable {
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Bytes that were held back until it was known whether they are part of a key stand in it, or are missing.
        package static let holdsBack = Flags(rawValue: 1)
    }

    package var kind: RecordingFormat.Kind
    package var flags: Flags
    package var loop: Int
    /// Among the blocks of its loop, from 0.
    package var number: UInt64
    package var payload: [UInt8]

    package init(
        _ kind: RecordingFormat.Kind, flags: Flags = [], loop: Int = 0, number: UInt64 = 0, payload: [UInt8] = []
    ) {
        self.kind = kind
        self.flags = flags
        self.loop = loop
        self.number = number
        self.payload = payload
    }

    /// Size in the file.
    package var byteCount: Int { RecordingFormat.headerByteCount + self.payload.count }

    /// The header as it stands in the file.
    package var header: [UInt8] {
        var bytes = self.uncheckedHeader
        var checksum = Checksum()
        checksum.update(bytes.span)
        checksum.update(self.payload.span)
        Self.append(checksum.value, count: 8, to: &bytes)
        return bytes
    }

    private var uncheckedHeader: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(RecordingFormat.headerByteCount)
        Self.append(UInt64(self.payload.count), count: 4, to: &bytes)
        bytes.append(self.kind.rawValue)
        bytes.append(self.flags.rawValue)
        Self.append(UInt64(self.loop), count: 2, to: &bytes)
        Self.append(self.number, count: 8, to: &bytes)
        return bytes
    }

    private static func append(_ number: UInt64, count: Int, to bytes: inout [UInt8]) {
        for place in 0..<UInt64(count) { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
    }
}

/// The header of a block, read: how many bytes follow, and what they must be.
package struct RecordingBlockHeader: Sendable {
    package let payloadByteCount: Int
    private let bytes: [UInt8]

    /// - Parameter bytes: exactly `RecordingFormat.headerByteCount` of them.
    package init(_ bytes: [UInt8]) throws(RecordingFault) {
        guard bytes.count == RecordingFormat.headerByteCount else { throw .truncated }
        self.bytes = bytes
        self.payloadByteCount = Int(Self.number(bytes[0..<4]))
        guard self.payloadByteCount <= RecordingFormat.maximumPayloadByteCount else { throw .damaged }
    }

    /// The block, once its payload is there and proves to be what was written.
    package func block(_ payload: [UInt8]) throws(RecordingFault) -> RecordingBlock {
        guard payload.count == self.payloadByteCount else { throw .truncated }
        var checksum = Checksum()
        checksum.update(self.bytes.span.extracting(0..<16))
        checksum.update(payload.span)
        guard checksum.value == Self.number(self.bytes[16..<24]) else { throw .damaged }
        guard let kind = RecordingFormat.Kind(rawValue: self.bytes[4]) else { throw .malformed("its kind") }
        return RecordingBlock(
            kind, flags: .init(rawValue: self.bytes[5]), loop: Int(Self.number(self.bytes[6..<8])),
            number: Self.number(self.bytes[8..<16]), payload: payload)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
