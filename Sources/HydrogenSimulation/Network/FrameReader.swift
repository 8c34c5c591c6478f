import HydrogenProtocol

/// Takes apart what the server writes: whole frames, final and unmasked (RFC 6455 §5.2).
struct FrameReader {
    enum Fault: String, Error {
        case truncated = "a frame that is cut"
        case fragmented = "a frame that is not final"
        case reserved = "a reserved bit or opcode"
        case masked = "a masked frame"
        case longLength = "a length that is not in its shortest form"
        case longControl = "a control frame of more than 125 bytes"
    }

    struct Frame {
        var opcode: FrameHeader.Opcode
        var payload: ByteRange
    }

    private var index = 0

    /// The next frame of `bytes`; nil at their end.
    mutating func next(_ bytes: Span<UInt8>) throws(Fault) -> Frame? {
        guard self.index < bytes.count else { return nil }
        guard self.index + 2 <= bytes.count else { throw .truncated }
        let first = bytes[self.index]
        let second = bytes[self.index + 1]
        guard first & 0x80 != 0 else { throw .fragmented }
        guard first & 0x70 == 0, let opcode = FrameHeader.Opcode(rawValue: first & 0x0f) else { throw .reserved }
        guard second & 0x80 == 0 else { throw .masked }
        var length = Int(second)
        var start = self.index + 2
        if length >= 126 {
            let count = length == 126 ? 2 : 8
            guard start + count <= bytes.count else { throw .truncated }
            length = 0
            for offset in 0..<count { length = length << 8 | Int(bytes[start + offset]) }
            start += count
            guard length >= (count == 2 ? 126 : 0x1_0000) else { throw .longLength }
        }
        switch opcode {
        case .ping, .pong, .close: guard length < 126 else { throw .longControl }
        case .text, .binary: break
        }
        guard length >= 0, start + length <= bytes.count else { throw .truncated }
        self.index = start + length
        return Frame(opcode: opcode, payload: ByteRange(start, start + length))
    }
}
