/// The header of a frame that a server sends: final, unmasked (RFC 6455 §5.2).
package enum FrameHeader {
    package enum Opcode: UInt8, Sendable, CaseIterable {
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xa
    }

    /// The most bytes that a header takes.
    package static let maxCount = 10

    /// The bytes that the header of a payload takes.
    package static func count(payloadCount: Int) -> Int {
        payloadCount < 126 ? 2 : payloadCount <= 0xffff ? 4 : 10
    }

    /// Appends a header.
    package static func append(_ opcode: Opcode, payloadCount: Int, to out: inout [UInt8]) {
        out.append(0x80 | opcode.rawValue)
        switch payloadCount {
        case ..<126:
            out.append(UInt8(truncatingIfNeeded: payloadCount))
        case ...0xffff:
            out.append(126)
            self.appendBigEndian(payloadCount, byteCount: 2, to: &out)
        default:
            out.append(127)
            self.appendBigEndian(payloadCount, byteCount: 8, to: &out)
        }
    }

    /// The room that is left for a header: what a payload of 126 to 65,535 bytes needs, as nearly all have.
    private static let reservedCount = 4

    /// Leaves room for a header at the end of a buffer; the payload is appended next.
    ///
    /// - Returns: Where the payload starts, for `complete`.
    package static func reserve(in out: inout [UInt8]) -> Int {
        out.append(atMost: self.reservedCount) { $0.append(repeating: 0, count: self.reservedCount) }
        return out.count
    }

    /// Writes the header before a payload that goes from `payloadStart` to the end of the buffer. A payload that needs
    /// another room than was left is moved, so that frames lie side by side.
    ///
    /// - Returns: Where the frame starts: where the room was left.
    package static func complete(_ opcode: Opcode, payloadStart: Int, in out: inout [UInt8]) -> Int {
        let payloadCount = out.count - payloadStart
        let start = payloadStart - self.reservedCount
        let headerCount = self.count(payloadCount: payloadCount)
        if headerCount != self.reservedCount { self.move(payloadStart, to: start + headerCount, in: &out) }
        // Asked once whether the array is shared, not for each byte.
        var bytes = out.mutableSpan
        bytes[start] = 0x80 | opcode.rawValue
        switch headerCount {
        case 2:
            bytes[start + 1] = UInt8(truncatingIfNeeded: payloadCount)
        case 4:
            bytes[start + 1] = 126
            bytes[start + 2] = UInt8(truncatingIfNeeded: payloadCount >> 8)
            bytes[start + 3] = UInt8(truncatingIfNeeded: payloadCount)
        default:
            bytes[start + 1] = 127
            for index in 0..<8 {
                bytes[start + 2 + index] = UInt8(truncatingIfNeeded: payloadCount >> (8 * (7 - index)))
            }
        }
        return start
    }

    /// Moves everything from an offset on.
    private static func move(_ from: Int, to: Int, in out: inout [UInt8]) {
        if to < from {
            out.removeSubrange(to..<from)
        } else {
            out.insert(contentsOf: repeatElement(0, count: to - from), at: from)
        }
    }

    private static func appendBigEndian(_ value: Int, byteCount: Int, to out: inout [UInt8]) {
        for index in (0..<byteCount).reversed() { out.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
}
