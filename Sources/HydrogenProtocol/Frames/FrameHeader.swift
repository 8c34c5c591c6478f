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

    /// Leaves room for the longest header at the end of a buffer; the payload is appended next.
    ///
    /// - Returns: Where the payload starts, for `complete`.
    package static func reserve(in out: inout [UInt8]) -> Int {
        for _ in 0..<self.maxCount { out.append(0) }
        return out.count
    }

    /// Writes the header right before a payload that goes from `payloadStart` to the end of the buffer.
    ///
    /// - Returns: Where the frame starts: at most eight bytes behind the room that was reserved.
    package static func complete(_ opcode: Opcode, payloadStart: Int, in out: inout [UInt8]) -> Int {
        let payloadCount = out.count - payloadStart
        let start = payloadStart - self.count(payloadCount: payloadCount)
        out[start] = 0x80 | opcode.rawValue
        let lengthCount = payloadStart - start - 2
        switch lengthCount {
        case 0: out[start + 1] = UInt8(truncatingIfNeeded: payloadCount)
        case 2: out[start + 1] = 126
        default: out[start + 1] = 127
        }
        for index in 0..<lengthCount {
            out[start + 2 + index] = UInt8(truncatingIfNeeded: payloadCount >> (8 * (lengthCount - 1 - index)))
        }
        return start
    }

    private static func appendBigEndian(_ value: Int, byteCount: Int, to out: inout [UInt8]) {
        for index in (0..<byteCount).reversed() { out.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
}
